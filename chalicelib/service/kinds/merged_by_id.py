"""Merged by id: what all pods show alike, each id once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import (
    Listed,
    PodPage,
    ResourcePage,
    brief,
    pages,
    rows_of,
    unknown_marker,
)
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class MergedById:
    """Asks the pods whose offer the caller sees for all of their rows.

    Each id comes once, as its oldest pod shows it, in the order asked for. By a key that no row shows, the
    oldest pod's rows come first, in that pod's order, then those that only younger pods have.
    ``deadline_seconds`` is how long a pod may take; one that doesn't answer is left out.
    """

    roster: Roster
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def page(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> ResourcePage:
        """One page; raises what ``Merged.page`` names."""
        pods = self.roster.shown_to(caller.identity)
        order, is_brief = query.order(resource), not request.path.endswith("/detail")
        if is_brief and any(key.field not in resource.brief for key, _ in order.keys):
            request = replace(request, path=f"{request.path}/detail")  # which shows what to sort by
        seconds = caller.deadline.at_most(self.deadline_seconds)
        answers = self.fan_out.ask(pods, lambda pod: self._all_in(pod, resource, query, request), seconds)
        if pods and not answers.given:
            raise Unavailable(f"No pod answers for its {resource.collection} now.")
        merged: dict[str, Listed] = {}
        for pod, rows in answers.given:
            for row in rows:
                merged.setdefault(row["id"], Listed(pod, row))
        # Rows that are equal by all keys stay as they are.
        in_order = sorted(merged.values(), key=lambda each: order.position_in_pod(each.row))
        page = _page_after(query, in_order)
        return replace(page, rows=tuple(brief(resource, each) for each in page.rows)) if is_brief else page

    def _all_in(
        self, pod: Pod, resource: Resource, query: ListQuery, request: PodRequest
    ) -> Sequence[ResourceRow]:
        def page_after(marker: str) -> PodPage:
            asked = urlencode(query.for_pod(resource, marker))
            path = f"{request.path}?{asked}" if asked else request.path
            question = replace(request, path=path, read_timeout_seconds=self.deadline_seconds)
            return rows_of(pod, self.client.send(pod, question), resource)

        return list(chain.from_iterable(pages(pod, page_after)))


def _page_after(query: ListQuery, in_order: Sequence[Listed]) -> ResourcePage:
    ids = [listed.row["id"] for listed in in_order]
    if query.marker and query.marker not in ids:
        raise unknown_marker(query.marker)
    rows = tuple(in_order[ids.index(query.marker) + 1 :] if query.marker else in_order)
    return ResourcePage(rows[: query.most_rows], more=len(rows) > query.most_rows)
