"""Capacity: can the pod take this request and stay under its watermark?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.parameter import parameter
from chalicelib.scheduler.rule import Filter, HoldsFor, Rejection, Scope

_DECIMALS = 4  # a large pod is refused at 95.01 %
_KEPT_ROUNDING = 5e-5  # so much less than it says a kept fraction may have been


@dataclass(frozen=True)
class CapacityFilter(Filter):
    """Reject a pod whose fullest resource would pass the watermark; exactly at it still fits.

    Watermarks are fractions of usable capacity, from 0.0 to 1.0; a pod's own come first. The pod that
    the project is bound to may fill up to ``keep_watermark``, so that projects don't flap at the edge.
    When the request alone takes more than ``large_request_share`` of the resource that refuses, smaller
    ones may still fit: it is diverted and the binding stays.
    """

    bind_watermark: float = parameter(
        0.90, low=0.0, high=1.0, doc="how full a pod may get by projects that aren't bound to it"
    )
    keep_watermark: float = parameter(
        0.95, low=0.0, high=1.0, doc="how full a pod may get by projects that are bound to it"
    )
    large_request_share: float = parameter(
        0.25, low=0.0, high=1.0, doc="the share of a pod above which a refusal is the request's own fault"
    )
    name: ClassVar[str] = "capacity"
    holds_for: ClassVar[HoldsFor] = HoldsFor.POD
    reason: ClassVar[str] = "has not enough room"
    sentences: ClassVar[dict[str, str]] = {
        "full": "{0} would be {1:%} full, limit {2:%}",
        "too_large": "{0} would be {1:%} full, limit {2:%}; this request alone takes {3:%}",
        "nothing": "has no {0} at all",
    }

    def check(self) -> None:
        """A bound project may fill its pod further than others may."""
        if self.bind_watermark >= self.keep_watermark:
            raise InvalidField("bind_watermark", "must be below keep_watermark")

    def suspects(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[int]:
        """Those that would be fuller than the profile's watermark, and those with one of their own."""
        kinds, watermark = snapshot.columns.kinds, self.bind_watermark
        own = {number for number, kind in enumerate(snapshot.kinds) if kind.bind_watermark is not None}
        filled = snapshot.fills.fractions_after(places, spec.need_row)
        return [
            place
            for place, fraction in zip(places, filled, strict=True)
            if fraction > watermark or kinds[place] in own
        ]

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """A pod that never reported counts as free.

        A fraction of whole numbers is rounded correctly, so it equals the watermark as written
        exactly when it should.
        """
        fraction = pod.fraction_after(spec.need_row)
        if fraction <= self.watermark(pod, spec):
            return None
        return self._rejection(pod, spec)

    def watermark(self, pod: Pod, spec: RequestSpec) -> float:
        """How full the pod may be once it took the request, as a fraction of its limit."""
        bind = self.bind_watermark if pod.bind_watermark is None else pod.bind_watermark
        if pod.pod_id not in spec.bound_pod_ids:
            return bind
        keep = self.keep_watermark if pod.keep_watermark is None else pod.keep_watermark
        return max(bind, keep)  # a pod's own bind_watermark may lie above the profile's keep_watermark

    def upholds(self, before: CapacityFilter, rejection: Rejection, bound: bool) -> bool:
        """The fraction that was kept is held against the new watermark."""
        if rejection.code == "nothing":
            return True
        if rejection.code not in ("full", "too_large"):
            return False
        fraction, limit = float(rejection.numbers[1]) - _KEPT_ROUNDING, float(rejection.numbers[2])
        if bound:
            return fraction > self.keep_watermark
        # Another limit than the profile's is the pod's own, which no profile changes.
        return limit != before.bind_watermark or fraction > self.bind_watermark

    def _rejection(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        fill = pod.fill_after(spec.need)
        if fill is None:
            return None
        limit = getattr(pod.limits, fill.resource)
        if limit <= 0:
            return Rejection(self.name, Scope.POD, "nothing", (fill.resource,))
        numbers = (fill.resource, round(fill.fraction, _DECIMALS), self.watermark(pod, spec))
        share = getattr(spec.need, fill.resource) / limit
        if share <= self.large_request_share:
            return Rejection(self.name, Scope.POD, "full", numbers)
        return Rejection(self.name, Scope.REQUEST, "too_large", (*numbers, round(share, _DECIMALS)))
