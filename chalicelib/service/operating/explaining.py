"""Explaining: lead from a server or a request to the decision that sent it where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.model.errors import NotFound
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.page import Page
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.scheduler.decision import LONGEST_CREATE_SECONDS, Decision
from chalicelib.service.kinds.located import Located
from chalicelib.service.ports import DecisionStore, LocationStore

ROWS, MOST_PAGES = 100, 5


@dataclass(frozen=True, slots=True)
class Explaining:
    """Finds the decision that a server's location names; if it names none, by its request or its time.

    Nothing is guessed: if by their time two creates may have made the server, no decision is found.
    """

    decisions: DecisionStore
    locations: LocationStore
    located: Located

    def of_request(self, request_id: str) -> Sequence[Decision]:
        """By our id of a request, or by the pod's own, which its client got: the last attempt first.

        There are several when a create passed over pods that didn't answer.
        """
        found = self.decisions.of_request(request_id)
        if not found:  # what a create made knows the pod's id
            made = [each.request_id for each in self.locations.of_pod_request(request_id)]
            return self.decisions.of_request(made[0]) if made else ()
        # The pod's id finds the last attempt alone.
        ours = found[0].spec.request_id
        return found if ours in ("", request_id) else self.decisions.of_request(ours)

    def of_own_request(self, caller: Caller, request_id: str) -> Sequence[Decision]:
        """For a tenant: the same, of its own project."""
        own = caller.identity.project_id
        return [each for each in self.of_request(request_id) if each.spec.project_id == own]

    def of_server(self, server_id: str) -> Decision:
        """For operators: the decision about a server of any project, deleted or not. Raises NotFound."""
        location = self.locations.get(server_id.lower())
        if location is None:
            raise _no_decision(server_id)
        return self._decision_for(location)

    def of_own_server(self, caller: Caller, server_id: str, request: PodRequest) -> Decision:
        """For a tenant: the decision about a server of its own project.

        ``request`` shows the server; it is sent when the server has no location, or one of another project's,
        so that both are the same to the caller. Raises NotFound, and what ``Located.send`` raises.
        """
        location = self.locations.get(server_id.lower())
        if location is None or location.project_id != caller.identity.project_id:
            self.located.send(caller, SERVERS, server_id, request)  # which remembers a hit
            location = self.locations.get(server_id.lower())
        if location is None or location.project_id != caller.identity.project_id:
            raise NotFound(SERVERS.title, server_id)
        return self._decision_for(location)

    def _decision_for(self, location: Location) -> Decision:
        if location.decision_id:
            return self.decisions.get(location.decision_id)
        # A location that a search wrote names the request that searched, so its decision must fit too.
        asked = self.decisions.of_request(location.request_id) if location.request_id else ()
        by_request = [decision for decision in asked if _fits(decision, location)]
        if by_request:
            return by_request[0]
        by_time = [decision for decision in self._around(location) if _fits(decision, location)]
        if len(by_time) != 1:
            raise _no_decision(location.resource_id)
        return by_time[0]

    def _around(self, location: Location) -> Iterator[Decision]:
        """The project's decisions, newest first, back to the last that may have made the server."""
        earliest = location.created_at - timedelta(seconds=LONGEST_CREATE_SECONDS)
        marker = ""
        for _ in range(MOST_PAGES):
            page = self.decisions.list(location.project_id, Page(ROWS, marker))
            yield from page
            if len(page) < ROWS or page[-1].spec.requested_at < earliest:
                return
            marker = page[-1].decision_id


def _fits(decision: Decision, location: Location) -> bool:
    there = decision.selected is not None and decision.selected.pod.pod_id == location.pod_id
    mine = decision.spec.project_id == location.project_id
    return there and mine and decision.may_have_made(location.created_at)


def _no_decision(server_id: str) -> NotFound:
    return NotFound("Decision of instance", server_id)
