"""Rules that no registry knows, for tests of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Bounds, Rejection, Scope


@dataclass(frozen=True)
class OnlyFilter:
    """Reject all pods but those named."""

    pod_ids: frozenset[str]
    scope: Scope = Scope.POD
    name: ClassVar[str] = "only"
    sentences: ClassVar[dict[str, str]] = {"other": "is not on the list"}

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        return None if pod.pod_id in self.pod_ids else Rejection(self.name, self.scope, "other")


@dataclass(frozen=True)
class NumberWeigher:
    """Weigh a pod by its operator's number, without bounds, so relative to the other pods."""

    name: ClassVar[str] = "number"
    bounds: ClassVar[Bounds | None] = None

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        return pod.weight
