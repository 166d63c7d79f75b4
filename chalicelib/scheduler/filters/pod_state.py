"""Pod state: does the operator, and the pod itself, let anything new in?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod, PodState
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.window import open_span
from chalicelib.scheduler.parameter import parameter
from chalicelib.scheduler.rule import Filter, HoldsFor, Rejection, Scope

_SCOPES = {
    PodState.CORDONED: Scope.REQUEST,
    PodState.DRAINING: Scope.POD,
    PodState.DISABLED: Scope.POD,
}


@dataclass(frozen=True)
class PodStateFilter(Filter):
    """Reject a pod that isn't enabled, is in maintenance, or is out of reach for ``rebind_after_seconds``.

    A pod that is cordoned or in a maintenance window (at the request's own time) keeps its bindings,
    so that rejection is about the request; from a draining, disabled or unreachable pod they move.
    """

    rebind_after_seconds: float = parameter(
        300.0, low=0.0, high=1e9, doc="how long no refresh gets through before the pod's bindings move"
    )
    name: ClassVar[str] = "pod_state"
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "takes nothing new at the moment"
    sentences: ClassVar[dict[str, str]] = {
        "cordoned": "is cordoned: it takes nothing new, and bindings stay",
        "draining": "is draining: it takes nothing new, and bindings move",
        "disabled": "is disabled",
        "window": "is in maintenance until {0}, and bindings stay: {1}",
        "unreachable": "has been out of reach for {0:.0f} s, limit {1:g} s",
    }

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """The operator's word comes first: a cordoned pod keeps its bindings though it is down.

        So does one in maintenance: being out of reach is what the window was for.
        """
        if pod.state is not PodState.ENABLED:
            return Rejection(self.name, _SCOPES[pod.state], pod.state.value)
        if pod.windows and (span := open_span(pod.windows, spec.requested_at)):
            numbers = (span.end.isoformat(timespec="seconds"), span.reason or "no reason given")
            return Rejection(self.name, Scope.REQUEST, "window", numbers)
        since = pod.health.unreachable_since
        if since is None:
            return None
        # What nobody could look at since may be well again.
        seconds = ((pod.health.unreachable_at or spec.requested_at) - since).total_seconds()
        if seconds < self.rebind_after_seconds:
            return None
        return Rejection(self.name, Scope.POD, "unreachable", (seconds, self.rebind_after_seconds))

    def upholds(self, before: PodStateFilter, rejection: Rejection, bound: bool) -> bool:
        """Only how long a pod must be out of reach is the profile's."""
        return rejection.code != "unreachable" or float(rejection.numbers[0]) >= self.rebind_after_seconds
