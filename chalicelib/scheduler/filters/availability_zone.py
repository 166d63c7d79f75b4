"""Availability zone: is the pod in the zone that the request asks for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.rule import About, Filter, HoldsFor, Rejection, Scope


@dataclass(frozen=True)
class AvailabilityZoneFilter(Filter):
    """Reject a pod of another zone than the one asked for; with none asked for, all zones are equal.

    The spec's zone is already the default one when the client named none and one is configured.
    """

    name: ClassVar[str] = "availability_zone"
    about: ClassVar[About] = About.ZONE
    holds_for: ClassVar[HoldsFor] = HoldsFor.KIND
    reason: ClassVar[str] = "is in another availability zone"
    sentences: ClassVar[dict[str, str]] = {"other_zone": "is in {0}, and {1} was asked for"}

    def applies(self, spec: RequestSpec) -> bool:
        """Only when a zone was asked for."""
        return bool(spec.az_name)

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """Zones are compared by the name that tenants see."""
        asked = spec.az_name
        if not asked or pod.az_name == asked:
            return None
        return Rejection(self.name, Scope.REQUEST, "other_zone", (pod.az_name or "no zone", asked))
