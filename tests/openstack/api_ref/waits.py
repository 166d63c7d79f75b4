"""Waits: until a pod has done what a request asked it for, seen in the pod itself."""

from __future__ import annotations

from typing import Any

from tests.openstack.api_ref.side import Side
from tests.openstack.cloud import Cloud
from tests.openstack.waiting import until

# What an Ask waits for: the service, the path, the state there.
_OF_OTHERS = {
    "in-use": ("block-storage", "/volumes/{own_volume}", "in-use"),
    "available": ("block-storage", "/volumes/{own_volume}", "available"),
    "volume": ("block-storage", "/volumes/{new_volume}", "available"),
    "snapshot": ("block-storage", "/snapshots/{new_snapshot}", "available"),
    "no snapshot": ("block-storage", "/snapshots/{new_snapshot}", "gone"),
}


def settled(side: Side, owner: Cloud, region: str, state: str) -> None:
    """Wait for a state: one of a server, of which nothing is pending, or one of those above."""
    service, path, wanted = _OF_OTHERS.get(state, ("compute", "/servers/{new}", state))
    path = path.format(**side.values)
    until(f"{path} is {wanted}", lambda: _state(owner, region, service, path) == wanted)


def _state(owner: Cloud, region: str, service: str, path: str) -> str:
    reply = owner.ask_pod(region, "GET", path, service=service)
    if reply.status_code == 404:
        return "gone"
    shown: dict[str, Any] = next(iter(reply.json().values()))
    return f"pending: {shown['status']}" if shown.get("OS-EXT-STS:task_state") else str(shown["status"])
