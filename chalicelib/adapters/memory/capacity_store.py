"""Capacity store in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.model.capacity import Capacity, CapacityReport, Catalogue, PodHealth


class MemoryCapacityStore:
    """Keeps the last good report of each pod, and how its refreshes went."""

    def __init__(self) -> None:
        self._reports: dict[str, CapacityReport] = {}
        self._health: dict[str, PodHealth] = {}

    def save(self, pod_id: str, report: CapacityReport) -> None:
        """Keep a good report, unless a newer one is kept; the pod is reachable again."""
        if self._newer(pod_id, report.capacity.reported_at):
            return
        self._reports[pod_id] = report
        self._health[pod_id] = PodHealth(refreshed_at=report.capacity.reported_at)

    def failed(self, pod_id: str, at: datetime, error: str, reachable: bool | None = False) -> PodHealth:
        """Note a refresh that failed, unless a newer report is kept.

        The pod is out of reach since the first refresh in a row that didn't reach it. ``reachable`` True: it
        answered, which ends that time. None: it was never asked, which leaves that time as it is.
        """
        before = self._health.get(pod_id, PodHealth())
        if self._newer(pod_id, at):
            return before
        after = replace(before, error=error)
        if reachable is not None:
            since = None if reachable else before.unreachable_since or at
            after = replace(after, unreachable_since=since, unreachable_at=None if reachable else at)
        self._health[pod_id] = after
        return after

    def _newer(self, pod_id: str, at: datetime) -> bool:
        report = self._reports.get(pod_id)
        return report is not None and report.capacity.reported_at > at

    def get(self, pod_id: str) -> tuple[Capacity | None, Catalogue | None, PodHealth]:
        """The last good report, with its hosts, and the pod's health."""
        report = self._reports.get(pod_id)
        health = self._health.get(pod_id, PodHealth())
        return (report.capacity, report.catalogue, health) if report else (None, None, health)

    def delete(self, pod_id: str) -> None:
        """Forget what a pod reported, as it was deleted."""
        self._reports.pop(pod_id, None)
        self._health.pop(pod_id, None)

    def report(self, pod_id: str) -> CapacityReport | None:
        """The whole last good report; None when there never was one."""
        return self._reports.get(pod_id)

    def health(self, pod_id: str) -> PodHealth | None:
        """The pod's health; None when no refresh ever tried the pod."""
        return self._health.get(pod_id)
