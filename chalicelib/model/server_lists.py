"""Server lists: what Nova sorts and selects servers by, and what of it a row or a location answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.model.list_order import SortKey, folded
from chalicelib.model.location import Location

# Every key that Nova takes (its schema of the list's query) and a row shows. Not shown are instance_type_id,
# locked_by, progress in most states, and availability_zone as it was asked for.
SORT_KEYS: Mapping[str, SortKey] = {
    "created_at": SortKey("created", is_sure=True, is_rounded=True),
    "updated_at": SortKey("updated", is_sure=True, is_rounded=True),
    "launched_at": SortKey("OS-SRV-USG:launched_at", is_sure=True),
    "terminated_at": SortKey("OS-SRV-USG:terminated_at", is_sure=True),
    "uuid": SortKey("id", is_sure=True),
    "project_id": SortKey("tenant_id", is_sure=True),
    "user_id": SortKey("user_id", is_sure=True),
    "power_state": SortKey("OS-EXT-STS:power_state", is_sure=True),
    "vm_state": SortKey("OS-EXT-STS:vm_state", folded),
    "task_state": SortKey("OS-EXT-STS:task_state", folded),
    "display_name": SortKey("name", folded),
    "display_description": SortKey("description", folded),
    "key_name": SortKey("key_name", folded),
    "config_drive": SortKey("config_drive", folded),
    "image_ref": SortKey("image", lambda image: image.get("id") if isinstance(image, dict) else ""),
    "access_ip_v4": SortKey("accessIPv4"),
    "access_ip_v6": SortKey("accessIPv6"),
    "auto_disk_config": SortKey("OS-DCF:diskConfig", lambda text: text == "AUTO"),
    "locked": SortKey("locked"),
    "host": SortKey("OS-EXT-SRV-ATTR:host", folded),
    "node": SortKey("OS-EXT-SRV-ATTR:hypervisor_hostname", folded),
    "hostname": SortKey("OS-EXT-SRV-ATTR:hostname", folded),
    "kernel_id": SortKey("OS-EXT-SRV-ATTR:kernel_id"),
    "ramdisk_id": SortKey("OS-EXT-SRV-ATTR:ramdisk_id"),
    "root_device_name": SortKey("OS-EXT-SRV-ATTR:root_device_name", folded),
    "launch_index": SortKey("OS-EXT-SRV-ATTR:launch_index"),
}

# Nova takes these up to 2.74 and doesn't sort by them (SERVER_LIST_IGNORE_SORT_KEY).
_IGNORED = """
    architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at
    disable_terminate ephemeral_gb ephemeral_key_uuid id key_data launched_on memory_mb os_type
    reservation_id root_gb shutdown_terminate user_data vcpus vm_mode
"""
IGNORED_SORT_KEYS = frozenset(_IGNORED.split())

# What Nova lets a caller select by who isn't an admin, at one microversion or another; it drops all else.
_FOR_ALL = """
    reservation_id name status image flavor ip ip6 changes-since changes-before tags tags-any not-tags
    not-tags-any locked availability_zone config_drive key_name created_at launched_at terminated_at
    power_state task_state vm_state progress user_id hostname
"""
_FILTERS_FOR_ALL = frozenset(_FOR_ALL.split())
_OF_PROJECTS = frozenset({"project_id", "tenant_id"})
_PATTERN = frozenset("\\^$.|?*+()[]{}")
UNKNOWN = "UNKNOWN"
# Nova makes a server twice: for the scheduler, and anew in its cell, a second or two later.
UNSETTLED = frozenset({"BUILD"})
_CLOCKS_APART = timedelta(hours=1)  # our clock and a pod's, at most
_ON = ("1", "t", "true", "on", "y", "yes")


def stub(location: Location) -> Mapping[str, Any]:
    """Nova's minimal form for a server whose cell is down (its API reference, 2.69), with the name."""
    return {
        "id": location.resource_id,
        "name": location.name,
        "status": UNKNOWN,
        "tenant_id": location.project_id,
        "created": location.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": [
            {"rel": "self", "href": f"/v2.1/servers/{location.resource_id}"},
            {"rel": "bookmark", "href": f"/servers/{location.resource_id}"},
        ],
    }


def deleted_query(location: Location) -> tuple[tuple[str, str], ...]:
    """What changed since shows deleted servers to everybody; by the name there are fewer of them."""
    since = (location.created_at - _CLOCKS_APART).isoformat(timespec="seconds")
    named = location.name and _PATTERN.isdisjoint(location.name)
    return (("changes-since", since), *((("name", location.name),) if named else ()))


def is_selected(location: Location, filters: Mapping[str, str], is_admin: bool, all_tenants: bool) -> bool:
    """Whether a list with these filters surely shows the server, by what its location tells.

    As in Nova, a caller who is no admin selects by few things, and a list of one project has no other.
    """
    dropped = frozenset() if all_tenants else _OF_PROJECTS
    heeded = {key: text for key, text in filters.items() if is_admin or key in _FILTERS_FOR_ALL}
    return all(
        key in _ANSWERS and _ANSWERS[key](location, text)
        for key, text in heeded.items()
        if key not in dropped
    )


def _has_changed_since(location: Location, text: str) -> bool:
    """Whether it surely changed since: it was made then or later. Of later changes we know nothing."""
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        return False
    return location.created_at >= (since if since.tzinfo else since.replace(tzinfo=UTC))


_ANSWERS: Mapping[str, Callable[[Location, str], bool]] = {
    # Nova looks for the name as a pattern anywhere in it, and MySQL without regard to case.
    "name": lambda location, text: _PATTERN.isdisjoint(text) and text.casefold() in location.name.casefold(),
    "uuid": lambda location, text: location.resource_id == text.lower(),
    "project_id": lambda location, text: location.project_id == text,
    "tenant_id": lambda location, text: location.project_id == text,
    "changes-since": _has_changed_since,
    "deleted": lambda location, text: text.lower() not in _ON,
}
