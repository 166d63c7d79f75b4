"""Rehearsal: decide the last kept decisions again under a profile, before it is switched on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.page import Page
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import DEFAULT, in_force, name_for
from chalicelib.scheduler.redeciding import Difference, Redecided, redecide
from chalicelib.service.operating.profiles import Profiles
from chalicelib.service.ports import DecisionStore, PodStore, ProfileStore

ROWS = 100
MOST_READ = 2000  # kept decisions that one rehearsal looks through for those of its zone


@dataclass(frozen=True, slots=True)
class RehearsalOrder:
    """A profile to try on the ``last`` decisions, of all projects or one.

    With ``az_name`` the document is that zone's own and the decisions are those that asked for it;
    without, it is the default, and zones' own profiles stay laid over it.
    """

    document: Mapping[str, Any]
    last: int = 200
    az_name: str = ""
    project_id: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How the decisions would differ, newest first; ``profile`` is the one that would decide."""

    profile: Profile
    decided: tuple[Redecided, ...]

    @property
    def counts(self) -> dict[Difference, int]:
        """How many decisions differ in what way."""
        counted = Counter(again.difference for again in self.decided)
        return {difference: counted[difference] for difference in Difference}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Tries profiles on kept decisions; writes nothing.

    Each decision is judged by itself. How a create that goes elsewhere changes the later ones, only the
    simulation tells.
    """

    decisions: DecisionStore
    store: ProfileStore
    profiles: Profiles
    pods: PodStore

    def run(self, order: RehearsalOrder) -> Rehearsed:
        """Decide again under the order's profile. Raises InvalidField and Conflict as writing it would."""
        pods = self.pods.list()
        if order.az_name and all(pod.az_name != order.az_name for pod in pods):
            raise InvalidField("az_name", f"no pod is in the zone {order.az_name}")
        name = name_for(order.az_name) if order.az_name else DEFAULT
        proposed = self.profiles.proposed(name, order.document)
        written = {version.name: version for version in self.store.list()} | {name: proposed}

        def profile_for(az_name: str | None) -> Profile:
            return in_force(written.get(DEFAULT), written.get(name_for(az_name)) if az_name else None)

        decided = tuple(
            redecide(decision, profile_for(decision.spec.az_name), pods) for decision in self._last(order)
        )
        return Rehearsed(profile_for(order.az_name), decided)

    def _last(self, order: RehearsalOrder) -> Iterator[Decision]:
        found, read, marker = 0, 0, ""
        while read < MOST_READ:
            page = self.decisions.list(order.project_id, Page(ROWS, marker))
            for decision in page:
                if order.az_name in ("", decision.spec.az_name):
                    yield decision
                    found += 1
                if found == order.last:
                    return
            if len(page) < ROWS:
                return
            read, marker = read + len(page), page[-1].decision_id
