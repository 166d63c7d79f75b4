"""Idle capacity: prefer the pod with the most room left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.rule import Bounds, HoldsFor, Weigher


@dataclass(frozen=True)
class IdleCapacityWeigher(Weigher):
    """Weigh a pod by the free share of its scarcest resource once it took the request.

    Higher wins, from 0.0 (full) to 1.0 (idle). A pod that never reported counts as idle.
    """

    name: ClassVar[str] = "idle_capacity"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    bounds: ClassVar[Bounds] = Bounds(0.0, 1.0)

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each, by columns."""
        return snapshot.fills.free_shares_after(places, spec.need_row)

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """A fraction of the pod's limit, so after headroom."""
        return pod.free_share_after(spec.need_row)
