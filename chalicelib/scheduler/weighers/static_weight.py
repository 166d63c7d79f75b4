"""Static weight: the operator's own preference, for a price or a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.rule import Bounds, HoldsFor, Weigher


@dataclass(frozen=True)
class StaticWeightWeigher(Weigher):
    """Weigh a pod by the number that the operator gave it, from 0 to 100; higher wins."""

    name: ClassVar[str] = "static_weight"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    bounds: ClassVar[Bounds] = Bounds(0.0, 100.0)

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each, by columns."""
        weights = snapshot.columns.weights
        return [weights[place] for place in places]

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """The pod's ``weight`` as it is."""
        return pod.weight
