"""What the guides say of a route, in words: whose the answer is, who may ask, at which microversions."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.kinds import (
    EVERY_HOLDER,
    EVERY_POD,
    FIRST,
    GONE,
    HELD,
    LOCATED,
    MERGED,
    OWN,
    PLACED,
    SAME_AS,
)
from chalicelib.api.openstack.table import Action, Kind, Row

# A new kind needs words here.
_ANSWERED: Mapping[Kind, str] = {
    LOCATED: "the pod that holds the server",
    FIRST: "the first pod that can say",
    EVERY_POD: "all pods, which must all do the same",
    EVERY_HOLDER: "all pods that have it",
    PLACED: "the pod that is chosen for it",
    OWN: "the gateway",
    GONE: "the gateway: 410",
}


def answered_by(row: Row) -> str:
    """Where a row's answer comes from."""
    if isinstance(row.kind, SAME_AS):
        return f"as `{row.kind.row}`"
    if row.kind is MERGED:
        theirs = row.resource is not None and bool(row.resource.located or row.resource.held)
        return "the project's pods, as one list" if theirs else "the pods open to the project, as one list"
    if row.kind is HELD:
        return (
            "the project's home pod"
            if row.method == "POST" and "{" not in row.path
            else "the pod that has it"
        )
    return _ANSWERED[row.kind]


def microversions(bounded: Row | Action) -> str:
    """Which microversions have a row or an action; empty for all."""
    if bounded.since and bounded.until:
        return f"{bounded.since} to {bounded.until}"
    if bounded.since:
        return f"from {bounded.since}"
    return f"to {bounded.until}" if bounded.until else ""


def noun(row: Row) -> str:
    """What a row is about: the first segment of its path."""
    return row.path.strip("/").partition("/")[0] or "versions"


def by_noun() -> Mapping[str, list[Row]]:
    """The table's rows by their nouns, both sorted; servers first."""
    found: dict[str, list[Row]] = {}
    for row in sorted(TABLE, key=lambda row: (noun(row) != "servers", noun(row), row.path)):
        found.setdefault(noun(row), []).append(row)
    return found
