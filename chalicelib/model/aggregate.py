"""Aggregate: one for operators, made of those that pods have under one name and zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.model.pod import Pod

ZONE = "availability_zone"
Row = Mapping[str, Any]
Key = tuple[str, str | None]


class Member(NamedTuple):
    """A pod's own aggregate, as our words show it."""

    pod: Pod
    row: Row

    @property
    def key(self) -> Key:
        """What the members of one aggregate share."""
        return self.row["name"], self.row.get(ZONE)


def zone_in(pod: Pod, zone: str | None) -> str | None:
    """What a pod calls a zone of an aggregate. One that isn't the pod's own in our words stays as it is."""
    return pod.zone_inside if zone == pod.az_name else zone


def with_our_zone(pod: Pod, row: Row) -> Row:
    """A pod's aggregate with its zone as tenants know it; Nova keeps it among the metadata too."""
    shown = {**row, ZONE: _our_zone(pod, row.get(ZONE))}
    if ZONE in row.get("metadata", {}):
        shown["metadata"] = {**row["metadata"], ZONE: shown[ZONE]}
    return shown


def _our_zone(pod: Pod, zone: str | None) -> str | None:
    return pod.az_name if zone == pod.zone_inside else zone


def merged(members: Sequence[Member]) -> Row:
    """The aggregate as its oldest pod shows it, with all members' hosts and metadata."""
    row = dict(members[0].row)
    if "hosts" in row:
        row["hosts"] = [host for member in members for host in member.row.get("hosts") or ()]
    if "metadata" in row:
        row["metadata"] = {
            key: value for member in reversed(members) for key, value in member.row["metadata"].items()
        }
    return row


def by_key(members: Sequence[Member]) -> Mapping[Key, list[Member]]:
    """The members of each aggregate, in the order in which pods show them."""
    found: dict[Key, list[Member]] = {}
    for member in members:
        found.setdefault(member.key, []).append(member)
    return found
