"""Retry: has this very create already failed there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import Filter, HoldsFor, Rejection, Scope

_FAILED = Rejection("retry", Scope.REQUEST, "failed")
_BOUND_IN_VAIN = Rejection("retry", Scope.POD, "bound_in_vain")


@dataclass(frozen=True)
class RetryFilter(Filter):
    """Reject a pod that this create has already tried in vain; other creates may still go there.

    A binding to it stays, unless this create made it: a project isn't left with a pod that has refused the
    first that was asked of it.
    """

    name: ClassVar[str] = "retry"
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "has already failed to take this request"
    sentences: ClassVar[dict[str, str]] = {
        "failed": "this create has already failed there",
        "bound_in_vain": "this create bound the project there, and the pod lacks what it asks for",
    }

    def applies(self, spec: RequestSpec) -> bool:
        """Only from the second attempt on."""
        return bool(spec.failed_pod_ids)

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """Attempts are known by the pod's id."""
        if pod.pod_id not in spec.failed_pod_ids:
            return None
        return _BOUND_IN_VAIN if spec.bound_in_vain_to(pod.pod_id) else _FAILED
