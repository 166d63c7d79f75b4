"""Site: the pods and flavors that a simulation starts with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.resources import Totals
from simulation.cloud import SimulatedPod

STARTS_AT = datetime(2025, 6, 2, tzinfo=UTC)  # a Monday; simulated time counts from here


@dataclass(frozen=True, slots=True)
class Site:
    """Pods, oldest first, and the flavors that all of them offer, by id."""

    pods: tuple[SimulatedPod, ...]
    flavors: Mapping[str, Flavor]


def a_pod(name: str, zone: str, vcpus: int, ram_gb: int, disk_gb: int, *, age_days: int = 0) -> SimulatedPod:
    """A pod by its usable totals; its id is its name."""
    created_at = STARTS_AT - timedelta(days=age_days)
    return SimulatedPod(Pod(name, name, zone, created_at), Totals(vcpus, ram_gb * 1024, disk_gb))


def read(path: Path) -> Site:
    """A site from JSON, as docs/simulation.md shows one. Raises InvalidField with the path of the field."""
    document = json.loads(path.read_text())
    pods = tuple(
        a_pod(
            _text(row, f"pods.{place}", "name"),
            _text(row, f"pods.{place}", "zone"),
            *(_whole(row, f"pods.{place}", key) for key in ("vcpus", "ram_gb", "disk_gb")),
            age_days=len(document["pods"]) - place,
        )
        for place, row in enumerate(_rows(document, "pods"))
    )
    flavors = [_flavor(row, f"flavors.{place}") for place, row in enumerate(_rows(document, "flavors"))]
    if len({pod.pod.pod_id for pod in pods}) < len(pods):
        raise InvalidField("pods", "two have the same name")
    return Site(pods, {flavor.flavor_id: flavor for flavor in flavors})


def _flavor(row: Mapping[str, Any], where: str) -> Flavor:
    name = _text(row, where, "name")
    vcpus, ram_mb, disk_gb = (_whole(row, where, key) for key in ("vcpus", "ram_mb", "disk_gb"))
    return Flavor(name, name, vcpus, ram_mb, disk_gb)


def _rows(document: Any, key: str) -> list[Mapping[str, Any]]:
    rows = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidField(key, "must be a list of objects, at least one")
    return rows


def _text(row: Mapping[str, Any], where: str, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidField(f"{where}.{key}", "must be a text")
    return value


def _whole(row: Mapping[str, Any], where: str, key: str) -> int:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidField(f"{where}.{key}", "must be a whole number, 0 or more")
    return value


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
