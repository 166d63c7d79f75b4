"""Capacity bodies: what a pod has, what is used, and how far its last report can be trusted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.model.amounts import RESOURCES, Totals, fullest
from chalicelib.model.json_values import write_time
from chalicelib.model.pod import Pod


def write_capacity(pod: Pod, at: datetime) -> dict[str, Any]:
    """A pod's capacity at a moment. A null total isn't counted; a pod that never reported has no others."""
    report = pod.capacity
    most_used = fullest(pod.used, pod.limits)
    return {
        "pod_id": pod.pod_id,
        "pod_name": pod.pod_name,
        "headroom": pod.headroom,
        "source": report.source if report else None,
        "reported_at": write_time(report.reported_at) if report else None,
        "age_seconds": age_seconds(pod, at),
        "hosts_count": len(report.hosts) if report else None,
        "resources": _resources(pod, report.totals if report else Totals()),
        "fullest": most_used.resource if most_used else None,
        "flavors_count": len(pod.catalogue) if pod.catalogue is not None else None,
        "refreshed_at": write_time(pod.health.refreshed_at),
        "unreachable_since": write_time(pod.health.unreachable_since),
        "error": pod.health.error or None,
    }


def age_seconds(pod: Pod, at: datetime) -> float | None:
    """How old the last good report is; None when there never was one."""
    if pod.capacity is None:
        return None
    return round((at - pod.capacity.reported_at).total_seconds(), 3)


def _resources(pod: Pod, totals: Totals) -> dict[str, Any]:
    rows = zip(RESOURCES, totals, pod.limits, pod.used, pod.claimed, strict=True)
    return {name: _resource(total, limit, used, claimed) for name, total, limit, used, claimed in rows}


def _resource(total: int | None, limit: int | None, used: int, claimed: int) -> dict[str, Any]:
    """What is used and what is claimed for servers in creation stand apart.

    ``fill`` is the used fraction of the limit. Until the next report a claim may be for a server that
    ``used`` counts already, or for one that is gone; so at least ``free`` is free, which is never below 0.
    """
    free = max(0, limit - used - claimed) if limit is not None else None
    fill = round(used / limit, 4) if limit else None
    return {"total": total, "limit": limit, "used": used, "claimed": claimed, "free": free, "fill": fill}
