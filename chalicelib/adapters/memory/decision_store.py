"""Decision store in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chalicelib.model.errors import InvalidField, NotFound
from chalicelib.model.page import Page
from chalicelib.scheduler.decision import Decision


class MemoryDecisionStore:
    """Keeps the decisions in a dict. They expire ``ttl_days`` after the create that they were made for."""

    def __init__(self, now: Callable[[], datetime], ttl_days: int = 30) -> None:
        """``now`` decides what has expired."""
        self._decisions: dict[str, Decision] = {}
        self._pod_requests: dict[str, str] = {}
        self._now = now
        self._ttl = timedelta(days=ttl_days)

    def save(self, decision: Decision, pod_request_id: str = "") -> None:
        """Write a decision; ``pod_request_id`` finds it too."""
        self._pod_requests[decision.decision_id] = pod_request_id
        self._decisions[decision.decision_id] = decision

    def get(self, decision_id: str) -> Decision:
        """One decision. Raises NotFound, also when it has expired."""
        decision = self._decisions.get(decision_id)
        if decision is None or self._expired(decision):
            raise NotFound("Decision", decision_id)
        return decision

    def list(self, project_id: str = "", page: Page = Page(limit=50)) -> list[Decision]:
        """Newest first, of all projects when none is named. Raises InvalidField for an unknown marker."""
        wanted = [d for d in self._decisions.values() if project_id in ("", d.spec.project_id)]
        newest = sorted((d for d in wanted if not self._expired(d)), key=_order, reverse=True)
        if page.marker:
            before = _order(self._marked(page.marker))
            newest = [d for d in newest if _order(d) < before]
        return newest[: page.limit]

    def of_request(self, request_id: str) -> Sequence[Decision]:
        """The decisions of a request, by our id or the pod's, the last attempt first."""
        found = [
            d
            for d in self._decisions.values()
            if request_id in (d.spec.request_id, self._pod_requests[d.decision_id])
        ]
        return sorted((d for d in found if not self._expired(d)), key=_order, reverse=True)

    def _marked(self, marker: str) -> Decision:
        try:
            return self.get(marker)
        except NotFound as error:
            raise InvalidField("marker", f"There is no decision {marker}.") from error

    def _expired(self, decision: Decision) -> bool:
        return decision.spec.requested_at + self._ttl <= self._now()


def _order(decision: Decision) -> tuple[datetime, int, str]:
    # All attempts of a create have the time of its request.
    return decision.spec.requested_at, decision.spec.attempt, decision.decision_id
