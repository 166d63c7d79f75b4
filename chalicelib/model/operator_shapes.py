"""Operator shapes: what a pod's Nova must tell operators of each thing, or it tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


def _is_a(*types: type) -> Check:
    return lambda told: isinstance(told, types)


def _an_object(**fields: Check) -> Check:
    """An object that has these fields; of the others nothing is known."""
    return lambda told: (
        isinstance(told, dict) and all(key in told and check(told[key]) for key, check in fields.items())
    )


def _a_list(check: Check) -> Check:
    return lambda told: isinstance(told, list) and all(map(check, told))


def _numbers(told: Any) -> bool:
    return isinstance(told, dict) and all(isinstance(each, int | float | None) for each in told.values())


def _is_marker(told: object) -> bool:
    """Whether it can be an id, which a link and a store can take."""
    return isinstance(told, int) or (isinstance(told, str) and told.isascii())


_TEXT, _NUMBER, _TEXTS = _is_a(str), _is_a(int), _a_list(_is_a(str))
_AUDIT_LOG = _an_object(
    num_hosts=_NUMBER,
    num_hosts_done=_NUMBER,
    num_hosts_running=_NUMBER,
    num_hosts_not_run=_NUMBER,
    total_instances=_NUMBER,
    total_errors=_NUMBER,
    hosts_not_run=_TEXTS,
    log=_is_a(dict),
)
_SHAPES: Mapping[str, Check] = {
    "aggregate": _an_object(id=_NUMBER, name=_TEXT),
    "aggregates": _a_list(_an_object(id=_NUMBER, name=_TEXT, hosts=_TEXTS, metadata=_is_a(dict))),
    "availabilityZoneInfo": _a_list(_an_object(zoneName=_TEXT, hosts=_is_a(dict, type(None)))),
    "hosts": _a_list(_an_object(zone=_TEXT)),
    "hypervisor": _an_object(),
    "hypervisor_statistics": _numbers,
    "hypervisors": _a_list(_an_object(id=_is_marker)),
    "instance_usage_audit_log": _AUDIT_LOG,
    "instance_usage_audit_logs": _AUDIT_LOG,
    "migrations": _a_list(_an_object(id=_NUMBER, created_at=_TEXT)),
    "services": _a_list(_an_object()),
}


def tells(document: Mapping[str, Any], name: str, marker: str = "") -> bool:
    """Whether a document tells of what it was asked for, which stands under this name.

    If it is a page, each of its rows has a ``marker``.
    """
    told: Any = document.get(name)
    return _SHAPES[name](told) and (not marker or all(_is_marker(row.get(marker)) for row in told))
