"""Capacity's clock: each minute, look at every pod, at what became of new servers, and of lost ones."""

from __future__ import annotations

from typing import Any

from chalicelib import observability, wiring


def tick(event: Any) -> dict[str, object]:
    """Refresh all pods, follow up their new servers, give pods the quotas' limits that they lack, reconcile.

    The result is for an operator who runs it by hand.
    """
    services = wiring.services()
    with services.lease.taken() as ours:
        if ours:
            return _observe(services)
    observability.logger().warning("refresh left out: another one runs")
    return {"left_out": "another refresh runs at this moment"}


def _observe(services: wiring.Services) -> dict[str, object]:
    done = services.capacity_refresh.refresh_all()
    services.quota_net.spread()
    left = services.reconciling.run()
    return {
        "pods": len(done.pods),
        "refreshed": len(done.pods) - len(done.failed),
        "failed": {pod.pod_name: pod.error for pod in done.failed},
        "seconds": done.seconds,
        "failed_builds": done.failed_builds,
        "creates_unsettled": left.unsettled,
        "strays": left.strays,
    }
