"""Flavors: what a flavor id means, before a pod is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.model.errors import InvalidField, Unavailable
from chalicelib.model.flavor import Flavor, may_be_asked_for
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import serves
from chalicelib.service.ports import FlavorLookup


def in_catalogues(snapshot: Snapshot, flavor_id: str, project_id: str) -> Flavor | None:
    """The flavor as the pods' catalogues offer it to a project; None when none of them does.

    Where sizes differ, that of the oldest pod counts, as in the list of flavors: what a tenant gets is what
    it was shown. Pods with another size, and so perhaps all of a zone, don't pass the filter ``flavor``.
    """
    # One pod stands for all of its kind, since they have one catalogue. The oldest kind comes first.
    for pod in snapshot.kinds:
        flavor = (pod.catalogue or {}).get(flavor_id)
        if flavor is not None and flavor.offered_to(project_id) and serves(pod, project_id):
            return flavor
    return None


def offering(snapshot: Snapshot, told: Iterable[tuple[Pod, Flavor]]) -> Snapshot:
    """Add flavors that pods just told us of to their catalogues; for this request only."""
    return snapshot.with_pods(
        replace(pod, catalogue={**(pod.catalogue or {}), flavor.flavor_id: flavor}) for pod, flavor in told
    )


def offering_everywhere(snapshot: Snapshot, flavor: Flavor) -> Snapshot:
    """The snapshot as if every pod offered this made-up flavor.

    A pod whose flavors were never read is taken to have any flavor already.
    """
    return offering(snapshot, [(pod, flavor) for pod in snapshot if pod.catalogue is not None])


class Flavors:
    """Resolves flavors from the pods' catalogues, or from the pods for one that is newer than those."""

    def __init__(self, lookup: FlavorLookup, fan_out: FanOut, deadline_seconds: float) -> None:
        """``deadline_seconds`` bounds the question to the pods."""
        self._lookup, self._fan_out, self._deadline_seconds = lookup, fan_out, deadline_seconds

    def resolve(self, caller: Caller, flavor_id: str, snapshot: Snapshot) -> tuple[Flavor, Snapshot]:
        """The flavor, and a snapshot in which every pod that showed it offers it.

        Raises InvalidField when no pod shows it to the caller, Unavailable when one that may couldn't be
        asked.
        """
        known = in_catalogues(snapshot, flavor_id, caller.identity.project_id)
        return (known, snapshot) if known is not None else self._ask(caller, flavor_id, snapshot)

    def _ask(self, caller: Caller, flavor_id: str, snapshot: Snapshot) -> tuple[Flavor, Snapshot]:
        if not may_be_asked_for(flavor_id):
            raise _not_found(flavor_id)
        answers = self._fan_out.ask(
            [pod for pod in snapshot if serves(pod, caller.identity.project_id)],
            lambda pod: self._lookup.flavor(pod, flavor_id, caller),
            caller.deadline.at_most(self._deadline_seconds),
        )
        told = [(pod, flavor) for pod, flavor in answers.given if flavor is not None]
        if told:
            return told[0][1], offering(snapshot, told)
        if answers.missing:
            raise Unavailable(f"Flavor {flavor_id} can't be looked up now: a pod doesn't answer.")
        raise _not_found(flavor_id)


def _not_found(flavor_id: str) -> InvalidField:
    # Nova's own words and status for a flavorRef that isn't there.
    return InvalidField("flavorRef", f"Flavor {flavor_id} could not be found.")
