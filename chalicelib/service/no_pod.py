"""No pod: what to tell the client when no pod can take its request."""

from __future__ import annotations

from chalicelib.model.errors import NoPod
from chalicelib.scheduler.decision import Decision

# These reject pods that the request isn't about.
_ELSEWHERE = ("all_pods", "bottom_pod", "availability_zone")


def no_pod(decision: Decision) -> NoPod:
    """The error for a decision without a pod: 400, 403 or 409 (DESIGN 2).

    It may be shown to the tenant, so it tells counts by filter and names no pod.
    """
    zone = decision.spec.az_name
    if not decision.zone_known:
        return NoPod(400, "The requested availability zone is not available", decision.decision_id)
    where = f"availability zone {zone}" if zone else "any availability zone"
    if decision.access_denied:
        return NoPod(403, f"The project may not use {where}.", decision.decision_id)
    counts = [f"{n} by {name}" for name, n in decision.rejected_counts.items() if name not in _ELSEWHERE]
    detail = f" Pods rejected: {', '.join(counts)}." if counts else ""
    return NoPod(409, f"No room in {where} for this request now.{detail}", decision.decision_id)
