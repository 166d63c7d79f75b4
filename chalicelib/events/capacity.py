"""Capacity's clock: each minute, look at every pod and at what became of new servers."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring


def tick(event: Any) -> dict[str, object]:
    """Refresh all pods; the answer is JSON, for whoever invoked the function by hand."""
    services = wiring.services()
    done = services.capacity_refresh.refresh_all()
    return {
        "pods": len(done.pods),
        "refreshed": len(done.pods) - len(done.failed),
        "failed": {pod.pod_name: pod.error for pod in done.failed},
        "seconds": done.seconds,
        "failed_builds": services.follow_up.look(),
    }
