"""Site: the pods, flavors and bindings that a simulation starts with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.model.amounts import Totals
from chalicelib.model.binding import Binding
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from simulation.cloud import SimulatedPod

STARTS_AT = datetime(2025, 6, 2, tzinfo=UTC)  # a Monday; simulated time counts from here


@dataclass(frozen=True, slots=True)
class Site:
    """The pods, the flavors that all of them offer, by id, and the bindings."""

    pods: tuple[SimulatedPod, ...]
    flavors: Mapping[str, Flavor]
    bindings: tuple[Binding, ...] = ()


def a_pod(name: str, zone: str, vcpus: int, ram_gb: int, disk_gb: int, *, age_days: int = 0) -> SimulatedPod:
    """A pod with these usable totals; its id is its name."""
    created_at = STARTS_AT - timedelta(days=age_days)
    pod = Pod(name, name, zone, created_at=created_at, proven=True)
    return SimulatedPod(pod, Totals(vcpus, ram_gb * 1024, disk_gb))


EXAMPLE = Site(
    pods=(
        a_pod("Pod1", "az1", 1600, 6400, 64_000, age_days=900),
        a_pod("Pod2", "az1", 1600, 6400, 64_000, age_days=700),
        a_pod("Pod3", "az1", 2400, 9600, 96_000, age_days=500),
        a_pod("Pod4", "az1", 800, 3200, 32_000, age_days=300),
        a_pod("Pod5", "az1", 2400, 9600, 96_000, age_days=100),
        a_pod("Pod6", "az2", 1600, 6400, 64_000, age_days=600),
        a_pod("Pod7", "az2", 1600, 6400, 64_000, age_days=400),
        a_pod("Pod8", "az2", 800, 3200, 32_000, age_days=50),
    ),
    flavors={
        name: Flavor(name, name, vcpus, ram_gb * 1024, disk_gb)
        for name, vcpus, ram_gb, disk_gb in (
            ("small", 1, 2, 20),
            ("medium", 2, 8, 40),
            ("large", 4, 16, 80),
            ("memory", 4, 32, 80),
            ("huge", 16, 64, 320),
        )
    },
)
