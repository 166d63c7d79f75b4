"""Bottom pod: does the pod run servers at all, or is it the top region?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Rejection, Scope

_TOP_REGION = Rejection("bottom_pod", Scope.POD, "top_region")


@dataclass(frozen=True)
class BottomPodFilter(Filter):
    """Reject a pod without an availability zone: that is how the top region is written."""

    name: ClassVar[str] = "bottom_pod"
    about: ClassVar[About] = About.ZONE
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "runs no servers"
    sentences: ClassVar[dict[str, str]] = {
        "top_region": "has no availability zone: it is the top region, which runs no servers",
    }

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """Only a pod in a zone passes."""
        return None if pod.az_name else _TOP_REGION
