"""Herd: many new projects create servers over equal pods, all between two refreshes.

Every create is decided on the same report. If the gateway sent them all to the best pod by that report, they
would overrun it. But the default profile spreads projects over tied pods, and claims keep each pod's room.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.model.amounts import Totals
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.scheduler.profile import SPREAD, Profile
from simulation.cloud import Cloud, Created, SimulatedPod

STARTS_AT = datetime(2025, 6, 1, tzinfo=UTC)
AGE = timedelta(days=30)
SMALL = Flavor("small", "small", vcpus=1, ram_mb=2048, root_gb=20)


@dataclass(frozen=True, slots=True)
class Herd:
    """What came of it: servers by pod id, refused creates by reason, and the fullest pod's real fill."""

    servers: Counter[str]
    refused: Counter[str]
    fair_share: float
    fullest: float

    @property
    def busiest_vs_fair(self) -> float:
        """How many times its fair share the busiest pod got."""
        return max(self.servers.values(), default=0) / self.fair_share


def run(creates: int = 2000, pods: int = 100, room: int = 1000, profile: Profile = SPREAD) -> Herd:
    """Play the herd over idle pods with room for ``room`` servers each; the result is always the same."""
    totals = Totals(vcpus=room, ram_mb=room * SMALL.ram_mb, disk_gb=room * SMALL.root_gb)
    registered_at = STARTS_AT - AGE
    zone = [
        SimulatedPod(
            Pod(f"pod-{number:03}", f"Pod{number:03}", "az1", created_at=registered_at, proven=True), totals
        )
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
