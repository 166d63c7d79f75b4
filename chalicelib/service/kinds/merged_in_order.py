"""Merged in order: a project's located resources over all its pods, with no gap and no duplicate."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from chalicelib.model.errors import NotFound, PodUnreachable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery, Order, merge_key
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.asking.answer import accepted, shown
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import Listed, ResourcePage, pages, unknown_marker
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.located import Located
from chalicelib.service.ports import LocationStore, PodClient, ProjectStore


@dataclass(frozen=True, slots=True)
class _Walk:
    """What gathering one page needs: the query, the row after which it starts, and the order of the pods."""

    caller: Caller
    resource: Resource
    query: ListQuery
    request: PodRequest
    start: Listed | None
    order: Order
    pod_order: Mapping[str, int]

    def merge_key(self, listed: Listed) -> Any:
        """Sort key of a row. On a tie, the marker's row sorts first if its pod is not among those asked."""
        return merge_key(self.order, listed.row, self.pod_order.get(listed.pod.pod_id, -1))

    def starts_in(self, pod: Pod) -> bool:
        """Whether the marker is the id of a row of this pod."""
        return self.start is not None and self.start.pod.pod_id == pod.pod_id

    def after_start(self, pod: Pod, rows: Sequence[ResourceRow]) -> list[ResourceRow]:
        """Of the rows of a pod that doesn't hold the marker, those that sort after it."""
        if self.start is None:
            return list(rows)
        start = self.merge_key(self.start)
        return [row for row in rows if self.merge_key(Listed(pod, row)) > start]


@dataclass(frozen=True, slots=True)
class MergedInOrder:
    """Asks the project's pods in parallel for details, since only those show the fields to sort by.

    ``deadline_seconds`` is how long a pod may take before stubs stand for what it holds.
    """

    roster: Roster
    projects: ProjectStore
    locations: LocationStore
    located: Located
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def page(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> ResourcePage:
        """One page; raises what ``Merged.page`` names."""
        pods = self._pods(caller, query)
        pod_order = {pod.pod_id: n for n, pod in enumerate(pods)}
        start = self._start(caller, resource, query, request)
        walk = _Walk(caller, resource, query, request, start, query.order(resource), pod_order)
        seconds = caller.deadline.at_most(self.deadline_seconds)
        answers = self.fan_out.ask(pods, lambda pod: self._gather(pod, walk), seconds)
        gathered = [*answers.given, *((pod, self._stubs(pod, walk)) for pod in answers.missing)]
        streams = ([Listed(pod, row) for row in rows] for pod, rows in gathered)
        # One row more than asked for tells whether another page follows.
        found = tuple(islice(heapq.merge(*streams, key=walk.merge_key), query.most_rows + 1))
        rows = found[: query.most_rows]
        if not request.path.endswith("/detail"):
            rows = tuple(_brief(resource, listed) for listed in rows)
        partial = tuple(sorted({pod.az_name for pod in answers.missing}))
        return ResourcePage(rows, more=len(found) > query.most_rows, partial=partial)

    def _pods(self, caller: Caller, query: ListQuery) -> list[Pod]:
        if query.all_tenants and caller.identity.is_admin:
            return self.roster.all()
        return self.roster.of(self.projects.pod_ids(caller.identity.project_id))

    def _start(
        self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest
    ) -> Listed | None:
        """The marker's row, after which the page starts; its stub when its pod doesn't answer."""
        if not query.marker:
            return None
        question = replace(
            request, path=resource.path_of(query.marker), read_timeout_seconds=self.deadline_seconds
        )
        try:
            answer = self.located.send(caller, resource, query.marker, question)
            reply = accepted(answer.pod, answer.reply)
            return Listed(answer.pod, shown(answer.pod, reply, resource))
        except NotFound as error:
            raise unknown_marker(query.marker) from error
        except PodUnreachable as error:
            location = self.locations.get(query.marker)
            if location is None or resource.stub is None:
                raise
            return Listed(self.roster.pod(error.pod_id), resource.stub(location))

    def _gather(self, pod: Pod, walk: _Walk) -> list[ResourceRow]:
        """A pod's rows after the start, as many as a page needs.

        The marker's own pod is asked for what follows the marker. Every other pod is read from its start,
        and its rows that sort before the marker are dropped.
        """
        wanted = walk.query.most_rows + 1

        def page_after(marker: str) -> PodReply:
            path = f"/{walk.resource.collection}/detail?{urlencode(walk.query.for_pod(marker, wanted))}"
            request = replace(walk.request, path=path, read_timeout_seconds=self.deadline_seconds)
            return self.client.send(pod, request)

        here = walk.starts_in(pod)
        found: list[ResourceRow] = []
        for rows in pages(pod, walk.resource, page_after, walk.query.marker if here else ""):
            found += rows if here else walk.after_start(pod, rows)
            if len(found) >= wanted:
                break
        return found[:wanted]

    def _stubs(self, pod: Pod, walk: _Walk) -> list[ResourceRow]:
        """Rows made of locations for a pod that doesn't answer; a filtered list has none."""
        stub, query = walk.resource.stub, walk.query
        if stub is None or query.is_filtered:
            return []
        if query.all_tenants and walk.caller.identity.is_admin:
            known = self.locations.of_pod(pod.pod_id)
        else:
            known = self.locations.of_project(walk.caller.identity.project_id, pod.pod_id)
        stubs = [stub(location) for location in sorted(known, key=lambda each: each.resource_id)]
        stubs.sort(key=lambda row: walk.merge_key(Listed(pod, row)))
        if not walk.starts_in(pod):
            return walk.after_start(pod, stubs)
        ids = [row["id"] for row in stubs]
        return stubs[ids.index(query.marker) + 1 :] if query.marker in ids else stubs


def _brief(resource: Resource, listed: Listed) -> Listed:
    return Listed(listed.pod, {key: listed.row[key] for key in resource.brief if key in listed.row})
