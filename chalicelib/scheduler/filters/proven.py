"""Proven: has the pod answered since it was registered or its address changed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Rejection, Scope

_UNPROVEN = Rejection("proven", Scope.POD, "unproven")


@dataclass(frozen=True)
class ProvenFilter(Filter):
    """Reject a pod that has never answered at its present address.

    A pod that never reported counts as free, so one with a mistyped region or endpoint would win over all
    others. No profile can do without this filter (docs/adr/0018).
    """

    name: ClassVar[str] = "proven"
    about: ClassVar[About] = About.PROOF
    indispensable: ClassVar[bool] = True
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "isn't in service yet"
    sentences: ClassVar[dict[str, str]] = {
        "unproven": "has never answered since it was registered or its address changed",
    }

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """Whether it is proven is part of the pod's record."""
        return None if pod.proven else _UNPROVEN
