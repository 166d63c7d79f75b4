"""Trouble: what went wrong in a pod lately: calls that got no answer, builds that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.model.pod import Pod, PodState


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a pod's circuit opens: after ``failures`` calls without an answer within ``window_seconds``.

    The refresh closes it. A pod that no refresh can look at (it has no credential) is tried again
    after ``open_seconds``.
    """

    failures: int = 5
    window_seconds: float = 60.0
    open_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """One pod's troubles. ``generation`` counts writes from 1; 0 was never written.

    A failed build counts 1.0 at first and less as time goes by; ``failed_builds`` is their sum at
    ``builds_at``.
    """

    pod_id: str
    generation: int = 0
    failed_calls: int = 0
    first_failed_at: datetime | None = None
    opened_at: datetime | None = None
    failed_builds: float = 0.0
    builds_at: datetime | None = None

    def call_failed(self, at: datetime, breaker: Breaker) -> Trouble:
        """The troubles after one more call without an answer; one too many opens the circuit."""
        if self.is_open(at, breaker):
            return self
        first, calls = self.first_failed_at, self.failed_calls + 1
        if first is None or _seconds(first, at) >= breaker.window_seconds:
            first, calls = at, 1
        opened_at = at if calls >= breaker.failures else None
        return replace(self, failed_calls=calls, first_failed_at=first, opened_at=opened_at)

    def answered(self, observed_at: datetime) -> Trouble:
        """The troubles after a refresh got through; what failed after it began still counts."""
        latest = self.opened_at or self.first_failed_at
        if latest is None or latest > observed_at:
            return self
        return replace(self, failed_calls=0, first_failed_at=None, opened_at=None)

    def is_open(self, at: datetime, breaker: Breaker) -> bool:
        """Whether the circuit is open, before ``open_circuits`` limits how many are in a zone."""
        return self.opened_at is not None and _seconds(self.opened_at, at) < breaker.open_seconds

    def build_failed(self, at: datetime, half_life_seconds: float) -> Trouble:
        """The troubles after one more failed build."""
        return replace(self, failed_builds=self.builds_left(at, half_life_seconds) + 1.0, builds_at=at)

    def builds_left(self, at: datetime, half_life_seconds: float) -> float:
        """What is left of the failed builds: half of them after each half-life."""
        if self.builds_at is None:
            return 0.0
        ages = max(0.0, _seconds(self.builds_at, at)) / half_life_seconds
        return float(self.failed_builds * 0.5**ages)


def open_circuits(
    troubles: Iterable[Trouble], pods: Sequence[Pod], at: datetime, breaker: Breaker
) -> frozenset[str]:
    """The pods whose circuit is open: the first that opened, at most half of a zone's proven, enabled pods.

    When more than half fail, the fault is as likely ours, and a zone must not close altogether: a zone of
    one pod is always tried. Every process finds the same pods.
    """
    opened = sorted((t.opened_at, t.pod_id) for t in troubles if t.opened_at and t.is_open(at, breaker))
    if not opened:
        return frozenset()
    zones = {pod.pod_id: pod.az_name for pod in pods if pod.state is PodState.ENABLED and pod.proven}
    left = {zone: count // 2 for zone, count in Counter(zones.values()).items()}
    found = set()
    for _, pod_id in opened:
        zone = zones.get(pod_id)
        if zone is not None and left[zone] > 0:
            left[zone] -= 1
            found.add(pod_id)
    return frozenset(found)


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()
