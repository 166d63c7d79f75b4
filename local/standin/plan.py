"""Descriptions of stand-in pods, written in code or read from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.standin.hosts import HostSize


@dataclass(frozen=True)
class DemoPod:
    """A pod to make, and what an operator would say of it when registering it.

    The pod itself knows only its name, its hosts and ``pod_az_name``; the rest is for the gateway's record.
    """

    name: str
    az_name: str
    hosts: tuple[HostSize, ...] = (HostSize(),)
    dc_name: str = ""
    pod_az_name: str = "nova"
    affinity_tags: Mapping[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The body of the request that registers this pod with the gateway."""
        pod: dict[str, Any] = {
            "pod_name": self.name,
            "az_name": self.az_name,
            "pod_az_name": self.pod_az_name,
            "dc_name": self.dc_name,
        }
        if self.affinity_tags:
            pod["affinity_tags"] = dict(self.affinity_tags)
        return {"pod": pod}


def read_pods(entries: list[dict[str, Any]]) -> tuple[DemoPod, ...]:
    """Read pods from JSON: the fields of DemoPod, with ``hosts`` as a list of HostSize's fields.

    Raises TypeError for an unknown field.
    """
    plans = []
    for entry in entries:
        hosts = tuple(HostSize(**size) for size in entry.get("hosts", [{}]))
        plans.append(DemoPod(**{**entry, "hosts": hosts}))
    return tuple(plans)
