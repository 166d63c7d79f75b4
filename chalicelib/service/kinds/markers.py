"""Markers: the row after which a page starts, though its resource may be deleted meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from chalicelib.model.errors import NotFound, PodUnreachable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest, answered
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.asking.answer import accepted, shown
from chalicelib.service.asking.pages import Listed, rows_of, unknown_marker
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.located import NOT_FOUND, Located
from chalicelib.service.kinds.lost_markers import LostMarkers
from chalicelib.service.ports import LocationStore, PodClient


class Start(NamedTuple):
    """The marker's row, None on the first page. ``is_forgotten``: its pod wouldn't take it as a marker."""

    listed: Listed | None
    is_forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Markers:
    """Asks the marker's pod for its row, or makes it of its location. Each answer may take a deadline."""

    roster: Roster
    locations: LocationStore
    located: Located
    client: PodClient
    lost: LostMarkers
    deadline_seconds: float

    def start(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> Start:
        """Where a page starts. Raises InvalidField for an id that nobody knows.

        Raises PodUnreachable when the marker's pod doesn't answer and the location doesn't tell its place,
        Unavailable when its pod isn't known and one doesn't answer.
        """
        if not query.marker:
            return Start(None)
        marker = query.marker.lower()
        question = replace(request, path=resource.path_of(marker), read_timeout_seconds=self.deadline_seconds)
        try:
            answer = self.located.send(caller, resource, marker, question)
            pod, reply = answer.pod, answer.reply
            if answered(pod, reply).status == NOT_FOUND:
                return self._deleted(pod, resource, query, question)
            return Start(Listed(pod, {**shown(pod, accepted(pod, reply), resource), "id": marker}))
        except NotFound as error:
            lost = self.lost.find(caller, resource, query, request)
            if lost is None:
                raise unknown_marker(query.marker) from error
            return Start(lost)
        except PodUnreachable as silence:
            stub = self._stub(resource, query)
            if stub is None:
                raise  # nobody can tell where the page would start
            return Start(Listed(self.roster.pod(silence.pod_id), stub))

    def _deleted(self, pod: Pod, resource: Resource, query: ListQuery, question: PodRequest) -> Start:
        """A pod lists what was deleted, until it is purged; then the location may tell where it stood."""
        location = self.locations.get(query.marker.lower())
        if location is not None and resource.deleted_query is not None:
            everywhere = (("all_tenants", "1"),) if query.all_tenants else ()
            asked = urlencode((*resource.deleted_query(location), *everywhere))
            path = f"/{resource.collection}/detail?{asked}"
            rows, _ = rows_of(pod, self.client.send(pod, replace(question, path=path)), resource)
            for row in rows:
                if row["id"] == location.resource_id:
                    return Start(Listed(pod, row))
        stub = self._stub(resource, query)
        if stub is None:
            raise unknown_marker(query.marker)
        return Start(Listed(pod, stub), is_forgotten=True)

    def _stub(self, resource: Resource, query: ListQuery) -> ResourceRow | None:
        """The marker's row by what we remember; None where that doesn't show its place."""
        location = self.locations.get(query.marker.lower())
        if location is None or resource.stubs is None:
            return None
        stub = resource.stubs.row(location)
        return stub if query.order(resource).is_shown_by(stub) else None
