"""Comparing: what differs between the answers of a pod's Nova and of the gateway."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from chalicelib.model.marked import without_marker
from tests.openstack.api_ref import differences
from tests.openstack.api_ref.side import Answer

MOVING = (
    "uptime",
    "total_hours",
    "total_memory_mb_usage",
    "total_vcpus_usage",
    "total_local_gb_usage",
    "hours",
    "start",
    "stop",
)  # what tells the time of the request
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?")
# What a pod makes up for each thing that is made; compared only where both sides read the same thing.
MADE_UP = (
    *(
        "id",
        "uuid",
        "attachment_id",
        "bdm_uuid",
        "adminPass",
        "private_key",
        "public_key",
        "fingerprint",
        "request_id",
        "url",
        "image_id",
    ),
    *("addr", "OS-EXT-IPS-MAC:mac_addr", "mac_addr", "fixed_ips", "OS-EXT-SRV-ATTR:instance_name"),
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNORDERED = ("rules",)  # Neutron's rules of a security group, each time in another order
OTHERS_REQUEST = re.compile(r"(?<=request_ids: \[')req-[0-9a-f-]+")  # Neutron's, in Nova's messages
SHOWN = 300


def differing(ask: str, direct: Answer, ours: Answer, same_things: bool = True) -> list[str]:
    """What differs, one line for each part of the answer.

    Unless both sides show the ``same_things``, points in time and what a pod makes up may differ.
    """
    known = differences.of(ask)
    statuses = (direct.status, ours.status)
    if any(difference.whole or difference.statuses == statuses for difference in known):
        return []
    masked = {*MOVING, *(name for difference in known for name in difference.fields)}
    masked |= set() if same_things else set(MADE_UP)
    found = []
    if direct.status != ours.status:
        found.append(f"status: Nova {direct.status}, we {ours.status}")
    nothing = () if direct.body else ("Content-Type",)  # the type of nothing
    headers = (_masked(answer.headers, nothing, same_things) for answer in (direct, ours))
    found += _unequal("header", *headers)
    # Nova shows the marker of a create of ours, until the refresh takes it off.
    bodies = (_masked(body, masked, same_things) for body in (_unmarked(direct.body), ours.body))
    return found + _unequal("body", *bodies)


def _masked(body: Any, masked: Collection[str], times: bool) -> Any:
    if isinstance(body, dict):
        kept = {key: _masked(value, masked, times) for key, value in body.items() if key not in masked}
        return {key: sorted(value, key=repr) if key in UNORDERED else value for key, value in kept.items()}
    if isinstance(body, list):
        return [_masked(item, masked, times) for item in body]
    if not isinstance(body, str):
        return body
    text = OTHERS_REQUEST.sub("<request>", body)
    return text if times else _made_alike(text)


def _unmarked(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _unmarked(value) for key, value in without_marker(body).items()}
    return [_unmarked(each) for each in body] if isinstance(body, list) else body


def _made_alike(text: str) -> str:
    """A text without times and ids; those that the requests name have been replaced by their names before."""
    return UUID.sub("<id>", TIME.sub("<time>", text))


def _unequal(place: str, direct: Any, ours: Any) -> list[str]:
    """The innermost places where two bodies differ."""
    if isinstance(direct, dict) and isinstance(ours, dict) and direct.keys() == ours.keys():
        return [line for key in direct for line in _unequal(f"{place}.{key}", direct[key], ours[key])]
    if isinstance(direct, list) and isinstance(ours, list) and len(direct) == len(ours):
        pairs = enumerate(zip(direct, ours, strict=True))
        return [line for number, pair in pairs for line in _unequal(f"{place}[{number}]", *pair)]
    return [] if direct == ours else [f"{place}: Nova {_short(direct)}, we {_short(ours)}"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
