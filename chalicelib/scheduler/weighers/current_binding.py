"""Current binding: prefer the pod that already serves the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.rule import Bounds, HoldsFor, Weigher


@dataclass(frozen=True)
class CurrentBindingWeigher(Weigher):
    """Weigh a pod 1.0 when the project is bound to it, else 0.0; this keeps a project from flapping."""

    name: ClassVar[str] = "current_binding"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    bounds: ClassVar[Bounds] = Bounds(0.0, 1.0)

    def applies(self, spec: RequestSpec) -> bool:
        """Only for a project that is bound somewhere."""
        return bool(spec.bound_pod_ids)

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each, by columns."""
        bound = snapshot.places_of(spec.bound_pod_ids)
        return [1.0 if place in bound else 0.0 for place in places]

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """With no zone asked for, a project may be bound to a pod in each zone."""
        return 1.0 if pod.pod_id in spec.bound_pod_ids else 0.0
