"""Decision: pods weighed best first, a rejection for every other pod, and the action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chalicelib.model.binding import Binding
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Rejection, Scope


class Action(StrEnum):
    """What the decision does to the project's binding (DESIGN 1, step 4)."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    DIVERT = "divert"
    NONE = "none"  # no pod passed


@dataclass(frozen=True, slots=True)
class Weight:
    """One weigher's say about one pod."""

    weigher: str
    raw: float
    normalised: float
    weighted: float


@dataclass(frozen=True, slots=True)
class WeighedPod:
    """A pod that passed, with its score; ``pod`` is its record as it was decided on."""

    pod: Pod
    score: float
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class RejectedPod:
    """A pod that failed; the bound pod carries all its rejections, others the first."""

    pod_id: str
    pod_name: str
    rejections: tuple[Rejection, ...]

    @property
    def moves_binding(self) -> bool:
        """Whether every rejection is about the pod itself."""
        return all(r.scope is Scope.POD for r in self.rejections)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was asked and what came of it; kept for 30 days, and replayable from what is kept.

    ``weighed`` holds the best pods first, at most 16 and the bound one; ``weighed_count`` says how
    many passed. ``binding`` is the project's active one in the winner's zone.
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
    access_denied: bool = False  # every pod of the zone fails project_access
