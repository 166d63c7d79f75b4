"""Apart: why no pod can have all that a create names, in words that tell zones and never pods."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot

_HELP = "A server can only use what is where it runs: name what is together."


def apart(spec: RequestSpec, snapshot: Snapshot) -> str:
    """The reason, if what the request names isn't together, or isn't in the zone asked for; else empty."""
    known = {named: snapshot.places_of(pod_ids) for named, pod_ids in spec.pinned_pod_ids.items()}
    for named, places in known.items():
        zones = _zones(snapshot, places)
        if spec.az_name and spec.az_name not in zones:
            where = _in_words(zones)
            return f"The {named} is in {where}, and availability zone {spec.az_name} was asked for. {_HELP}"
    for (one, here), (other, there) in combinations(known.items(), 2):
        if here & there:
            continue
        ours, theirs = _zones(snapshot, here), _zones(snapshot, there)
        if ours & theirs:
            return f"The {one} and the {other} are in different parts of {_in_words(ours & theirs)}. {_HELP}"
        return f"The {one} is in {_in_words(ours)}, and the {other} in {_in_words(theirs)}. {_HELP}"
    if known and not set.intersection(*known.values()):
        return f"The {', the '.join(known)} are not all in one place. {_HELP}"
    return ""


def _zones(snapshot: Snapshot, places: Iterable[int]) -> set[str]:
    return {snapshot[place].az_name for place in places}


def _in_words(zones: Iterable[str]) -> str:
    named = sorted(zones)
    return f"availability zone{'s' if len(named) > 1 else ''} {' and '.join(named)}"
