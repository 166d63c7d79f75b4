"""Capacity: can the pod take this request and stay under its watermark?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.rule import Rejection, Scope

_ROUNDING = 1e-9  # the rough bound is a sum of floats
_DECIMALS = 4  # a large pod is refused at 95.01 %


@dataclass(frozen=True)
class CapacityFilter:
    """Reject a pod whose fullest resource would pass the watermark; exactly at it still fits.

    Watermarks are fractions of usable capacity, from 0.0 to 1.0; a pod's own come first. The pod that
    the project is bound to may fill up to ``keep_watermark``, so that projects don't flap at the edge.
    When the request alone takes more than ``large_request_share`` of the resource that refuses, smaller
    ones may still fit: it is diverted and the binding stays.
    """

    bind_watermark: float = 0.90
    keep_watermark: float = 0.95
    large_request_share: float = 0.25
    name: ClassVar[str] = "capacity"
    reason: ClassVar[str] = "has not enough room"
    sentences: ClassVar[dict[str, str]] = {
        "full": "{0} would be {1:%} full, limit {2:%}",
        "too_large": "{0} would be {1:%} full, limit {2:%}; this request alone takes {3:%}",
        "nothing": "has no {0} at all",
    }

    def suspects(self, pods: Sequence[Pod], spec: RequestSpec) -> list[Pod]:
        """Those that a rough bound can't clear, and those with a lower watermark of their own, maybe."""
        units, lowest = spec.need_units, self.bind_watermark - _ROUNDING
        return [
            pod
            for pod in pods
            if pod.fullest_now + units * pod.unit_share > lowest or pod.bind_watermark is not None
        ]

    def suspects_among(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[int]:
        """The same by columns."""
        kinds, own = (
            snapshot.columns.kinds,
            {number for number, kind in enumerate(snapshot.kinds) if kind.bind_watermark is not None},
        )
        filled = snapshot.fractions_after(places, spec.need_row)
        watermark = self.bind_watermark
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
