"""Sorts servers as Nova does over its cells (``nova/compute/instance_list.py``), on a MySQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.standin.clock import api_time
from local.standin.message import Fault
from local.standin.nova.call import NovaCall
from local.standin.nova.server import Server

SORT_KEYS: dict[str, Callable[[Server], Any]] = {
    "created_at": lambda server: api_time(server.created_at),  # databases keep whole seconds
    "updated_at": lambda server: api_time(server.updated_at or server.created_at),
    "launched_at": lambda server: server.launched_at and api_time(server.launched_at),
    "terminated_at": lambda server: server.terminated_at and api_time(server.terminated_at),
    "display_name": lambda server: server.name,
    "display_description": lambda server: server.description,
    "uuid": lambda server: server.id,
    "vm_state": lambda server: server.vm_state,
    "power_state": lambda server: server.power_state,
    "task_state": lambda server: server.task_state,
    "progress": lambda server: 0,
    "host": lambda server: server.host,
    "node": lambda server: server.host,
    "hostname": lambda server: server.hostname,
    "user_id": lambda server: server.user_id,
    "project_id": lambda server: server.project_id,
    "key_name": lambda server: server.key_name,
    "config_drive": lambda server: server.config_drive,
    "image_ref": lambda server: server.image_id or "",
    "kernel_id": lambda server: "",
    "ramdisk_id": lambda server: "",
    "root_device_name": lambda server: "/dev/vda",
    "instance_type_id": lambda server: server.flavor.id,
    "launch_index": lambda server: server.launch_index,
    "availability_zone": lambda server: server.asked_zone,
    "access_ip_v4": lambda server: server.access_ipv4 or None,
    "access_ip_v6": lambda server: server.access_ipv6 or None,
    "auto_disk_config": lambda server: server.disk_config == "AUTO",
    "locked_by": lambda server: "owner" if server.locked else None,
    "locked": lambda server: server.locked,
    "id": lambda server: server.sequence,
}
_IGNORED = """
    architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at
    disable_terminate ephemeral_gb ephemeral_key_uuid id key_data launched_on locked memory_mb os_type
    reservation_id root_gb shutdown_terminate user_data vcpus vm_mode
"""
IGNORED = frozenset(_IGNORED.split())
FOR_ADMINS = ("host", "node")


def in_order(servers: list[Server], call: NovaCall) -> list[Server]:
    """The servers in the order asked for. Raises Fault 400 or 403 for keys that Nova refuses."""
    ordered = list(servers)
    for key, direction in reversed(_sorting(call)):
        ordered.sort(key=lambda server: _in_mysql(SORT_KEYS[key](server)), reverse=direction == "desc")
    return ordered


def _in_mysql(value: Any) -> tuple[bool, Any]:
    """Null is the least, and the case of letters doesn't count."""
    return value is not None, value.upper() if isinstance(value, str) else value or 0


def _sorting(call: NovaCall) -> list[tuple[str, str]]:
    """The keys with their directions. Where ``uuid`` isn't asked for it follows, always ascending."""
    keys, directions = _heeded(call)
    if not keys:
        keys, directions = ["created_at", "id"], ["desc", "desc"]
    if "uuid" not in keys:
        keys, directions = [*keys, "uuid"], [*directions, "asc"]
    if len(directions) > len(keys):
        raise Fault(400, "Sort direction size exceeds sort key size")
    if not set(directions) <= {"asc", "desc"}:
        raise Fault(400, "Unknown sort direction, must be 'desc' or 'asc'")
    filled = directions + directions[:1] * (len(keys) - len(directions))
    return list(zip(keys, filled, strict=True))


def _heeded(call: NovaCall) -> tuple[list[str], list[str]]:
    """The keys and directions asked for, without the keys that Nova takes and ignores."""
    keys = call.request.all("sort_key") or ["created_at"]
    directions = call.request.all("sort_dir") or ["desc"]
    ignored = IGNORED - {"locked"} if call.minor >= 73 else IGNORED
    for key in list(keys):
        if key not in ({*SORT_KEYS} - ignored if call.minor >= 75 else {*SORT_KEYS, *ignored}):
            raise Fault(400, f"Invalid input for query parameters sort_key. Value: {key}.")
        if key in ignored:
            place = keys.index(key)
            del keys[place], directions[place : place + 1]
        elif key in FOR_ADMINS and not call.caller.is_admin:
            raise Fault(403, f"Only administrators can sort servers by {key}")
    return keys, directions
