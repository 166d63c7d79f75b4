"""Freshness: trust pods that reported their capacity recently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.parameter import parameter
from chalicelib.scheduler.rule import Bounds, HoldsFor, Weigher


@dataclass(frozen=True)
class FreshnessWeigher(Weigher):
    """Weigh a pod by the age of its capacity report, as a negated share of ``max_age_seconds``.

    Higher wins; -1.0 is as old as we tolerate, and what a pod that never reported gets. The clock is
    the request's own, so a replay decides the same.
    """

    max_age_seconds: float = parameter(
        300.0, low=1.0, high=1e9, doc="the age of a report that weighs the most against a pod"
    )
    name: ClassVar[str] = "freshness"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    bounds: ClassVar[Bounds] = Bounds(-1.0, 0.0)

    def apart_per_second(self) -> float:
        """One pod ages while another, that is as old as we tolerate, doesn't."""
        return 1.0 / self.max_age_seconds

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each, by columns."""
        now, max_age_seconds = spec.requested_seconds, self.max_age_seconds
        reported = snapshot.reported_seconds
        never = snapshot.unreported
        return [-1.0 if place in never else (reported[place] - now) / max_age_seconds for place in places]

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """Reports older than that, or from the future, are clamped by the engine."""
        if pod.capacity is None:
            return -1.0
        return (pod.reported_seconds - spec.requested_seconds) / self.max_age_seconds
