"""Decision: pods weighed best first, a rejection for every other pod, and the action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.model.binding import Binding
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Rejection, Scope

CLOCKS_DIFFER_SECONDS = 5.0
LONGEST_CREATE_SECONDS = 60.0


class Action(StrEnum):
    """What the decision does to the project's binding."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    DIVERT = "divert"
    NONE = "none"  # no pod passed


class Weight(NamedTuple):
    """One weigher's say about one pod; ``weighted`` is the normalised weight times its multiplier."""

    weigher: str
    raw: float
    normalised: float
    weighted: float


class WeighedPod(NamedTuple):
    """A pod that passed, with its score; ``pod`` is its record as it was decided on."""

    pod: Pod
    score: float
    weights: tuple[Weight, ...]


class RejectedPod(NamedTuple):
    """A pod that failed; a bound pod carries all its rejections, others the first.

    ``pod`` is the record of the pod whose binding the decision judged, since a replay asks it again;
    None for all others.
    """

    pod_id: str
    pod_name: str
    rejections: tuple[Rejection, ...]
    pod: Pod | None = None

    @property
    def moves_binding(self) -> bool:
        """Whether every rejection is about the pod itself."""
        return all(r.scope is Scope.POD for r in self.rejections)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was asked and what came of it; kept for 30 days, and replayable from what is kept.

    ``weighed`` holds the selected pod, then the best by score, 16 in all, and the bound one;
    ``weighed_count`` says how many passed. ``rejected`` is sorted by pod id. ``binding`` is the
    project's active one in the winner's zone (without a winner: in the zone asked for). ``contested``
    is what had been decided about the binding when other requests won every race for it; the action is
    then DIVERT.
    """

    decision_id: str
    spec: RequestSpec
    profile: Mapping[str, Any]
    action: Action
    selected: WeighedPod | None
    binding: Binding | None
    weighed: tuple[WeighedPod, ...]
    weighed_count: int
    rejected: tuple[RejectedPod, ...]
    rejected_counts: Mapping[str, int] = field(default_factory=dict)
    snapshot_version: int = 0
    omitted: int = 0  # rejected pods left out to stay within the size limit
    zone_known: bool = True
    access_denied: bool = False  # the project may use no pod of the zone
    contested: Action | None = None

    def may_have_made(self, created_at: datetime) -> bool:
        """Whether a server of that moment (aware) may be of this create; Nova tells whole seconds."""
        seconds = (created_at - self.spec.requested_at).total_seconds()
        return -CLOCKS_DIFFER_SECONDS <= seconds <= LONGEST_CREATE_SECONDS

    def given_way(self) -> Decision:
        """The decision of a create that lost every race: its pod stays chosen, the binding is left alone."""
        return replace(self, action=Action.DIVERT, contested=self.action)
