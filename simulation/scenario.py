"""Scenario: what is different in one run of a workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.scheduler.profile import SPREAD, Profile
from simulation.cloud import SimulatedPod


class Loss(NamedTuple):
    """A pod that stops answering, ``at`` seconds after the workload began; ``pod`` names it."""

    pod: str
    at: float


class Addition(NamedTuple):
    """A pod that is registered ``at`` seconds after the workload began."""

    pod: SimulatedPod
    at: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run's profile, and the pods that are lost or added meanwhile."""

    name: str
    profile: Profile = SPREAD
    losses: tuple[Loss, ...] = ()
    additions: tuple[Addition, ...] = ()
