"""Listing: a project's servers over all its pods, as one list (DESIGN 6, *merged*)."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib.model.errors import InvalidField, NotFound, PodUnreachable
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.server_query import Server, ServerQuery
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.located import Locating, PodAnswer, PodRefused, server_in
from chalicelib.service.ports import LocationStore, PodClient, PodReply, PodRequest, ProjectStore

# What a pod says of itself, not of the question: one that is odd must not break everybody's list.
NO_ANSWER = (401, 404, 429)


class Listed(NamedTuple):
    """A server as its pod shows it, or as we remember it while the pod is down."""

    pod: Pod
    server: Server


@dataclass(frozen=True, slots=True)
class ServerPage:
    """One page: ``more`` when rows follow; ``partial`` names the zones of pods that didn't answer."""

    rows: tuple[Listed, ...]
    more: bool = False
    partial: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Walk:
    """One page on its way: what is asked, after which row, from pods in which order."""

    caller: Caller
    query: ServerQuery
    request: PodRequest
    start: Listed | None
    rank: Mapping[str, int]

    def place(self, row: Listed) -> Any:
        """Where a row stands in the merged list; a pod that isn't listed ranks before all."""
        return self.query.place(row.server, self.rank.get(row.pod.pod_id, -1))

    def starts_in(self, pod: Pod) -> bool:
        """Whether the marker is this pod's."""
        return self.start is not None and self.start.pod.pod_id == pod.pod_id

    def after_start(self, pod: Pod, servers: Sequence[Server]) -> list[Server]:
        """The rows of another pod than the marker's that come after the marker."""
        if self.start is None:
            return list(servers)
        place = self.place(self.start)
        return [server for server in servers if self.place(Listed(pod, server)) > place]


@dataclass(frozen=True, slots=True)
class Listing:
    """Asks the project's pods in parallel and merges what they show, with no gap and no duplicate.

    ``deadline_seconds`` is how long a pod may take before its servers are shown as UNKNOWN.
    """

    roster: Roster
    projects: ProjectStore
    locations: LocationStore
    locating: Locating
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def servers(self, caller: Caller, query: ServerQuery, request: PodRequest) -> ServerPage:
        """A page of servers with their details, in the order that the query asks for.

        ``request`` is the client's own. Raises PodRefused, InvalidField for an unknown marker.
        """
        pods = self._pods(caller, query)
        rank = {pod.pod_id: place for place, pod in enumerate(pods)}
        walk = _Walk(caller, query, request, self._start(caller, query, request), rank)
        seconds = caller.deadline.at_most(self.deadline_seconds)
        answers = self.fan_out.ask(pods, lambda pod: self._gather(pod, walk), seconds)
        columns = [*answers.given, *((pod, self._stubs(pod, walk)) for pod in answers.missing)]
        streams = ([Listed(pod, server) for server in servers] for pod, servers in columns)
        # One row more than asked for tells whether another page follows.
        rows = tuple(islice(heapq.merge(*streams, key=walk.place), query.rows + 1))
        partial = tuple(sorted({pod.az_name for pod in answers.missing}))
        return ServerPage(rows[: query.rows], more=len(rows) > query.rows, partial=partial)

    def _pods(self, caller: Caller, query: ServerQuery) -> list[Pod]:
        if query.all_tenants and caller.identity.is_admin:
            return self.roster.all()
        return self.roster.of(self.projects.pod_ids(caller.identity.project_id))

    def _start(self, caller: Caller, query: ServerQuery, request: PodRequest) -> Listed | None:
        """The marker's row, after which the page starts."""
        if not query.marker:
            return None
        question = replace(
            request, path=f"/servers/{query.marker}", read_timeout_seconds=self.deadline_seconds
        )
        try:
            answer = self.locating.send(caller, query.marker, question)
            if answer.reply.status in NO_ANSWER or answer.reply.status >= 500:
                raise PodUnreachable(answer.pod.pod_id, "the marker's pod can't say", sent=True)
        except NotFound as error:
            raise _unknown_marker(query.marker) from error
        except PodUnreachable as error:
            location = self.locations.get(query.marker)
            if location is None:
                raise
            return Listed(self.roster.pod(error.pod_id), _stub(location))
        if answer.reply.status == 404:
            raise _unknown_marker(query.marker)
        if answer.reply.status != 200:
            raise PodRefused(answer)
        return Listed(answer.pod, server_in(answer.pod, answer.reply))

    def _gather(self, pod: Pod, walk: _Walk) -> list[Server]:
        """A pod's rows after the start, as many as a page needs.

        Only the marker's own pod knows the marker; in another, rows before its place are skipped.
        """
        wanted = walk.query.rows + 1
        marker = walk.query.marker if walk.starts_in(pod) else ""
        found: list[Server] = []
        while True:
            page, more = self._page(pod, walk, wanted, marker)
            found += page if walk.starts_in(pod) else walk.after_start(pod, page)
            if len(found) >= wanted or not more or not page:
                return found[:wanted]
            marker = page[-1]["id"]

    def _page(self, pod: Pod, walk: _Walk, limit: int, marker: str) -> tuple[Sequence[Server], bool]:
        path = "/servers/detail?" + urlencode(walk.query.for_pod(limit, marker))
        request = replace(walk.request, path=path, read_timeout_seconds=self.deadline_seconds)
        reply = self.client.send(pod, request)
        if reply.status >= 500 or reply.status in NO_ANSWER:
            raise PodUnreachable(pod.pod_id, f"{pod.pod_name} answered {reply.status}", sent=True)
        if reply.status != 200:
            raise PodRefused(PodAnswer(pod, reply))
        body = _read(pod, reply)
        return body["servers"], bool(body.get("servers_links"))

    def _stubs(self, pod: Pod, walk: _Walk) -> list[Server]:
        """What we remember of a pod's servers while it is down, as Nova shows those of a cell that is."""
        if walk.query.is_filtered:
            return []
        if walk.query.all_tenants and walk.caller.identity.is_admin:
            known: Iterable[Location] = self.locations.of_pod(pod.pod_id)
        else:
            known = self.locations.of_project(walk.caller.identity.project_id, pod.pod_id)
        stubs: list[Server] = sorted(
            (_stub(location) for location in known), key=lambda stub: str(stub["id"])
        )
        stubs.sort(key=lambda stub: walk.place(Listed(pod, stub)))
        if not walk.starts_in(pod):
            return walk.after_start(pod, stubs)
        ids = [stub["id"] for stub in stubs]
        return stubs[ids.index(walk.query.marker) + 1 :] if walk.query.marker in ids else stubs


def _stub(location: Location) -> dict[str, Any]:
    """Nova's minimal form for a server whose cell is down (its API reference, 2.69), with the name."""
    return {
        "id": location.resource_id,
        "name": location.name,
        "status": "UNKNOWN",
        "tenant_id": location.project_id,
        "created": location.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": [
            {"rel": "self", "href": f"/v2.1/servers/{location.resource_id}"},
            {"rel": "bookmark", "href": f"/servers/{location.resource_id}"},
        ],
    }


def _read(pod: Pod, reply: PodReply) -> dict[str, Any]:
    try:
        body = json.loads(reply.body)
        if all(isinstance(server["id"], str) for server in body["servers"]):
            return dict(body)
    except (ValueError, KeyError, TypeError):
        pass
    raise PodUnreachable(pod.pod_id, f"{pod.pod_name} answered with something else than servers", sent=True)


def _unknown_marker(marker: str) -> InvalidField:
    return InvalidField("marker", f"marker [{marker}] not found")
