"""Creation time: prefer the pod that has been there longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.columns import microseconds
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.rule import Bounds, HoldsFor, Weigher

_HALF_SECONDS = 365 * 86_400.0


@dataclass(frozen=True)
class CreationTimeWeigher(Weigher):
    """Weigh a pod by its age: age / (age + 365 days).

    Higher is older, from 0.0 (just created) towards 1.0; a year gives 0.5. The age is the pod's own
    and no rank, so that other pods coming and going change nothing.
    """

    name: ClassVar[str] = "creation_time"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    bounds: ClassVar[Bounds] = Bounds(0.0, 1.0)

    def apart_per_second(self) -> float:
        """A pod ages fastest when it is new, while one that is very old hardly does."""
        return 1.0 / _HALF_SECONDS

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each, by columns."""
        now, created = microseconds(spec.requested_at), snapshot.columns.created
        ages = [(now - created[place]) / 1e6 for place in places]
        return [age / (age + _HALF_SECONDS) if age > 0.0 else 0.0 for age in ages]

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """A pod from the future, by a clock that is off, counts as just created."""
        age_seconds = max(0.0, (spec.requested_at - pod.created_at).total_seconds())
        return age_seconds / (age_seconds + _HALF_SECONDS)
