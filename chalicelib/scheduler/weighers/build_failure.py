"""Build failure: avoid pods in which servers lately found no host."""

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
class BuildFailureWeigher(Weigher):
    """Weigh a pod by its recent failed builds, as a negated share of ``worst_failed_builds``.

    Higher wins; 0.0 is none, -1.0 that many or more. Half of them are forgotten with each half-life
    (a setting), so a pod that was repaired comes back by itself.
    """

    worst_failed_builds: float = parameter(
        10.0, low=1.0, high=1e6, doc="as many failed builds as weigh the most against a pod"
    )
    name: ClassVar[str] = "build_failure"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    bounds: ClassVar[Bounds] = Bounds(-1.0, 0.0)

    def applies(self, spec: RequestSpec) -> bool:
        """Only when a build failed lately."""
        return bool(spec.failed_builds)

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each, by columns."""
        failed, worst, ids = spec.failed_builds, self.worst_failed_builds, snapshot.columns.ids
        return [0.0 - failed.get(ids[place], 0.0) / worst for place in places]

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """What is left of the failed builds comes with the request, decayed up to its moment."""
        return 0.0 - spec.failed_builds.get(pod.pod_id, 0.0) / self.worst_failed_builds
