"""Merged by id: what all pods show alike, each id once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import Listed, ResourcePage, pages, unknown_marker
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import PodClient

MOST_PAGES = 20  # of one pod, 1,000 rows each


@dataclass(frozen=True, slots=True)
class MergedById:
    """Asks the pods that are open to the project for all of their rows.

    Each id comes once, as its oldest pod shows it: the oldest pod's rows, then those that only younger pods
    have. ``deadline_seconds`` is how long a pod may take; one that doesn't answer is left out.
    """

    roster: Roster
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def page(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> ResourcePage:
        """One page; raises what ``Merged.page`` names."""
        pods = self.roster.open_to(caller.identity.project_id)
        seconds = caller.deadline.at_most(self.deadline_seconds)
        answers = self.fan_out.ask(pods, lambda pod: self._all_in(pod, resource, query, request), seconds)
        if pods and not answers.given:
            raise Unavailable(f"No pod answers for its {resource.collection} now.")
        merged: dict[str, Listed] = {}
        for pod, rows in answers.given:
            for row in rows:
                merged.setdefault(row["id"], Listed(pod, row))
        return _page_after(query, merged)

    def _all_in(
        self, pod: Pod, resource: Resource, query: ListQuery, request: PodRequest
    ) -> Sequence[ResourceRow]:
        def page_after(marker: str) -> PodReply:
            asked = urlencode(query.for_pod(resource, marker))
            path = f"{request.path}?{asked}" if asked else request.path
            return self.client.send(
                pod, replace(request, path=path, read_timeout_seconds=self.deadline_seconds)
            )

        return list(chain.from_iterable(islice(pages(pod, resource, page_after), MOST_PAGES)))


def _page_after(query: ListQuery, merged: dict[str, Listed]) -> ResourcePage:
    start = 0
    if query.marker:
        if query.marker not in merged:
            raise unknown_marker(query.marker)
        start = list(merged).index(query.marker) + 1
    rows = tuple(merged.values())[start:]
    end = len(rows) if query.limit is None else query.limit
    return ResourcePage(rows[:end], more=len(rows) > end)
