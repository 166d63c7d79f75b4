"""Herd: many new projects create at once, between two refreshes, over equal pods.

Every create is decided on the same report. A gateway that sends each to the one best pod by that report
tramples it; the default profile spreads projects over the pods that tie, and claims hold each pod's room.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.resources import Totals
from chalicelib.scheduler.profile import SPREAD, Profile
from simulation.cloud import Cloud, Created, SimulatedPod

STARTS_AT = datetime(2025, 6, 1, tzinfo=UTC)
AGE = timedelta(days=30)
SMALL = Flavor("small", "small", vcpus=1, ram_mb=2048, root_gb=20)


@dataclass(frozen=True, slots=True)
class Herd:
    """Where it went: servers by pod id, creates refused by reason, and the fullest pod's real fill."""

    servers: Counter[str]
    refused: Counter[str]
    fair_share: float
    fullest: float

    @property
    def busiest_vs_fair(self) -> float:
        """How many times its fair share the busiest pod got."""
        return max(self.servers.values(), default=0) / self.fair_share


def run(creates: int = 2000, pods: int = 100, room: int = 1000, profile: Profile = SPREAD) -> Herd:
    """The herd over idle pods of ``room`` servers each; always the same for the same numbers."""
    totals = Totals(vcpus=room, ram_mb=room * SMALL.ram_mb, disk_gb=room * SMALL.root_gb)
    registered_at = STARTS_AT - AGE
    zone = [
        SimulatedPod(Pod(f"pod-{number:03}", f"Pod{number:03}", "az1", created_at=registered_at), totals)
        for number in range(pods)
    ]
    cloud = Cloud(zone, {SMALL.flavor_id: SMALL}, profile, STARTS_AT)
    servers: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for number in range(creates):
        came = cloud.create(f"project-{number:04}", SMALL.flavor_id, "az1")
        if isinstance(came, Created):
            servers[came.pod_id] += 1
        else:
            refused[came.why] += 1
    fullest = max(cloud.fill(pod.pod.pod_id) for pod in zone)
    return Herd(servers, refused, creates / pods, fullest)
