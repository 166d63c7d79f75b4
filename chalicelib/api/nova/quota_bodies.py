"""Reads and writes quota sets and limits, with the fields of each microversion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.api.call import Call
from chalicelib.model.errors import InvalidField
from chalicelib.model.microversion import Microversion

NETWORKS = ("fixed_ips", "floating_ips", "security_group_rules", "security_groups")
FILES = ("injected_files", "injected_file_content_bytes", "injected_file_path_bytes")
GROUPS = ("server_groups", "server_group_members")
MOST = 0x7FFFFFFF
_NUMBER = re.compile("-?[0-9]+")
_ON = (True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes")
_OFF = (False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no")

_MAXIMA = {
    "cores": ("maxTotalCores",),
    "injected_files": ("maxPersonality",),
    "injected_file_content_bytes": ("maxPersonalitySize",),
    "instances": ("maxTotalInstances",),
    "key_pairs": ("maxTotalKeypairs",),
    "metadata_items": ("maxServerMeta", "maxImageMeta"),
    "ram": ("maxTotalRAMSize",),
    "server_groups": ("maxServerGroups",),
    "server_group_members": ("maxServerGroupMembers",),
    "floating_ips": ("maxTotalFloatingIps",),
    "security_groups": ("maxSecurityGroups",),
    "security_group_rules": ("maxSecurityGroupRules",),
}
_USES = {
    "ram": "totalRAMUsed",
    "cores": "totalCoresUsed",
    "instances": "totalInstancesUsed",
    "floating_ips": "totalFloatingIpsUsed",
    "security_groups": "totalSecurityGroupsUsed",
    "server_groups": "totalServerGroupsUsed",
}


def hidden(version: Microversion, networks_until: str = "2.35") -> tuple[str, ...]:
    """The resources that a microversion doesn't show: Nova has no networks any more, nor files."""
    files = FILES if version >= Microversion.parse("2.57") else ()
    return (*files, *NETWORKS) if version > Microversion.parse(networks_until) else ()


def write_quota(values: Mapping[str, Any], without: tuple[str, ...], holder_id: str = "") -> dict[str, Any]:
    """The values by resource, sorted, with the id of whom they are of where Nova tells it."""
    shown = {name: values[name] for name in sorted(values) if name not in without}
    return {"id": holder_id, **shown} if holder_id else shown


def write_limits(limits: Mapping[str, int], used: Mapping[str, int], version: Microversion) -> dict[str, Any]:
    """Absolute limits and what is used of them; rate limits are gone since long."""
    without = hidden(version)
    absolute = {
        field: limits[name] for name, fields in _MAXIMA.items() if name not in without for field in fields
    }
    if version >= Microversion.parse("2.39"):
        del absolute["maxImageMeta"]
    uses = {field: used[name] for name, field in _USES.items() if name not in without}
    return {"limits": {"rate": [], "absolute": {**absolute, **uses}}}


def read_quota(
    call: Call, name: str, without: tuple[str, ...], forcible: bool
) -> tuple[dict[str, int], bool]:
    """The limits that a body asks for, and whether they are forced. Raises InvalidField as Nova does."""
    body = call.json()
    if not isinstance(body, dict):
        raise InvalidField("body", "Malformed request body")
    if name not in body:
        raise InvalidField(name, f"'{name}' is a required property")
    asked = body[name]
    if not isinstance(asked, dict):
        raise _wrong(name, asked, f"{asked!r} is not of type 'object'")
    known = [resource for resource in _RESOURCES if resource not in without]
    limits = {resource: _limit(resource, asked[resource]) for resource in known if resource in asked}
    force = asked.get("force", False) if forcible else False
    if force not in (*_ON, *_OFF) or type(force) is int:
        raise _wrong("force", force, f"{force!r} is not one of {[*_ON, *_OFF]}")
    _refuse_others(asked, [*known, "force"] if forcible else known, name)
    _refuse_others(body, [name])
    return limits, force in _ON


def check_query(call: Call, version: Microversion, known: tuple[str, ...], since: str = "2.75") -> None:
    """Refuse unknown parameters from the microversion on that does. Raises InvalidField."""
    if version >= Microversion.parse(since):
        _refuse_others(call.query, list(known))


_RESOURCES = tuple(dict.fromkeys((*_MAXIMA, *NETWORKS, *FILES, *GROUPS)))


def _limit(resource: str, value: Any) -> int:
    if not isinstance(value, (int, str)) or isinstance(value, bool):
        raise _wrong(resource, value, f"{value!r} is not of type 'integer', 'string'")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise _wrong(resource, value, f"{value!r} does not match '^-?[0-9]+$'")
    if isinstance(value, str) and len(value) > len(str(MOST)) + 1:
        raise _wrong(resource, value, f"{value} is greater than the maximum of {MOST}")
    limit = int(value)
    if limit < -1:
        raise _wrong(resource, value, f"{limit} is less than the minimum of -1")
    if limit > MOST:
        raise _wrong(resource, value, f"{limit} is greater than the maximum of {MOST}")
    return limit


def _refuse_others(given: Mapping[str, Any], known: list[str], field: str = "") -> None:
    others = [name for name in given if name not in known]
    if others:
        names = ", ".join(repr(name) for name in sorted(others))
        were = "was" if len(others) == 1 else "were"
        why = f"Additional properties are not allowed ({names} {were} unexpected)"
        raise _wrong(field, given, why) if field else InvalidField(others[0], why)


def _wrong(field: str, value: Any, why: str) -> InvalidField:
    return InvalidField(field, f"Invalid input for field/attribute {field}. Value: {value}. {why}")
