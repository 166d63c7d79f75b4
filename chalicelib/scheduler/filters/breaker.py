"""Breaker: do calls to the pod get through at the moment?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Rejection, Scope

_OPEN = Rejection("breaker", Scope.REQUEST, "open")


@dataclass(frozen=True)
class BreakerFilter(Filter):
    """Reject a pod whose circuit is open: its last calls failed, and no refresh got through since.

    That may be over in a minute, so bindings stay and the VM is diverted.
    """

    name: ClassVar[str] = "breaker"
    about: ClassVar[About] = About.TROUBLE
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "doesn't answer at the moment"
    sentences: ClassVar[dict[str, str]] = {"open": "didn't answer the last calls: its circuit is open"}

    def applies(self, spec: RequestSpec) -> bool:
        """Only while a circuit is open somewhere."""
        return bool(spec.open_circuits)

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """Circuits come with the request, since they change faster than pods' records do."""
        return _OPEN if pod.pod_id in spec.open_circuits else None
