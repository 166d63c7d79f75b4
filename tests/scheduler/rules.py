"""Rules that no registry knows, for tests of the engine; they have no more than they must."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Bounds, Filter, Rejection, Scope, Weigher


@dataclass(frozen=True)
class OnlyFilter(Filter):
    """Reject all pods but those named."""

    pod_ids: frozenset[str]
    scope: Scope = Scope.POD
    name: ClassVar[str] = "only"
    sentences: ClassVar[dict[str, str]] = {"other": "is not on the list"}

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        return None if pod.pod_id in self.pod_ids else Rejection(self.name, self.scope, "other")


@dataclass(frozen=True)
class WhimFilter(Filter):
    """Reject by all that a request says of itself and by all that a pod is, in no sensible way."""

    salt: int = 0
    name: ClassVar[str] = "whim"
    sentences: ClassVar[dict[str, str]] = {"no": "says {0}"}

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        bound = sorted(binding.pod_id for binding in spec.bindings)
        pins = {name: sorted(pod_ids) for name, pod_ids in spec.pinned_pod_ids.items()}
        said = f"{spec.project_id}{spec.request_id}{spec.requested_at}{spec.count}{bound}{pins}"
        whim = sum(map(ord, f"{said}{pod.pod_id}{pod.weight:.0f}")) + self.salt
        scope = Scope.REQUEST if whim % 2 else Scope.POD
        return Rejection(self.name, scope, "no", (whim,)) if whim % 3 == 0 else None


@dataclass(frozen=True)
class NumberWeigher(Weigher):
    """Weigh a pod by its operator's number and the request's own id, so anew for each request."""

    name: ClassVar[str] = "number"
    bounds: ClassVar[Bounds] = Bounds(0.0, 100.0)

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        return pod.weight if len(spec.request_id) % 2 == 0 else 100.0 - pod.weight
