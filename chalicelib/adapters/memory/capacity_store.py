"""Capacity store in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, PodHealth


class MemoryCapacityStore:
    """The last good report of each pod, and how the refresh fares with it."""

    def __init__(self) -> None:
        """Start without any report."""
        self._reports: dict[str, CapacityReport] = {}
        self._health: dict[str, PodHealth] = {}

    def save(self, pod_id: str, report: CapacityReport) -> None:
        """Keep a good report; the pod is reachable again."""
        self._reports[pod_id] = report
        self._health[pod_id] = PodHealth(refreshed_at=report.capacity.reported_at)

    def failed(self, pod_id: str, at: datetime, error: str, reachable: bool = False) -> PodHealth:
        """Note a refresh that failed; unless reachable, the pod is out of reach since the first that did."""
        before = self._health.get(pod_id, PodHealth())
        since = before.unreachable_since or (None if reachable else at)
        self._health[pod_id] = replace(before, unreachable_since=since, error=error)
        return self._health[pod_id]

    def get(self, pod_id: str) -> tuple[Capacity | None, Catalogue | None, PodHealth]:
        """The last good report, with its hosts, and the pod's health."""
        report = self._reports.get(pod_id)
        health = self._health.get(pod_id, PodHealth())
        return (report.capacity, report.catalogue, health) if report else (None, None, health)

    def delete(self, pod_id: str) -> None:
        """Forget a pod that was deleted."""
        self._reports.pop(pod_id, None)
        self._health.pop(pod_id, None)

    def report(self, pod_id: str) -> CapacityReport | None:
        """The whole last good report; None when there never was one."""
        return self._reports.get(pod_id)

    def health(self, pod_id: str) -> PodHealth | None:
        """The pod's health; None when the refresh never met it."""
        return self._health.get(pod_id)
