"""Locating: find the pod that holds a server, and send the client's request there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chalicelib.model.errors import NotFound, OutcomeUnknown, PodUnreachable, Trio2oError, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import Roster
from chalicelib.service.creating.remembering import location_of
from chalicelib.service.ports import (
    Clock,
    LocationStore,
    PodClient,
    PodReply,
    PodRequest,
    ProjectStore,
)

GONE = 404
DELETING = 204


@dataclass(frozen=True, slots=True)
class PodAnswer:
    """A pod's reply, and the pod, whose links and zone are rewritten in it."""

    pod: Pod
    reply: PodReply


class PodRefused(Trio2oError):
    """A pod refused what all were asked (a bad filter, say); its own answer is the client's."""

    def __init__(self, answer: PodAnswer) -> None:
        """Carry the answer."""
        super().__init__(f"the pod answered {answer.reply.status}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Locating:
    """Sends what concerns one server to its pod (DESIGN 6, *located*).

    ``search_seconds`` bounds the search for a server whose location isn't known.
    """

    roster: Roster
    locations: LocationStore
    projects: ProjectStore
    client: PodClient
    fan_out: FanOut
    clock: Clock
    search_seconds: float

    def send(self, caller: Caller, server_id: str, request: PodRequest) -> PodAnswer:
        """Forward a request to the server's pod, whatever it answers.

        Raises NotFound when no pod of the project holds it, PodUnreachable when its pod doesn't
        answer (OutcomeUnknown when a POST may have arrived there), Unavailable when a pod that may
        hold it couldn't be asked.
        """
        # Nova's ids are UUIDs; anything else may not even be a key that the store takes.
        if not _is_uuid(server_id):
            raise _no_such_server(server_id)
        location = self.locations.get(server_id)
        if location is None:
            location = self._search(caller, server_id)
        elif location.project_id != caller.identity.project_id and not caller.identity.is_admin:
            raise _no_such_server(server_id)
        pod = self.roster.pod(location.pod_id)
        try:
            reply = self.client.send(pod, request)
        except PodUnreachable as error:
            if error.sent and request.method == "POST":
                # Not a 503: that would invite the client to attach or snapshot a second time.
                raise OutcomeUnknown("The outcome is unknown; look at the server first.") from error
            raise
        self._learn(location, request, reply)
        return PodAnswer(pod, reply)

    def _search(self, caller: Caller, server_id: str) -> Location:
        """Ask the project's pods for a server we have no location of, and remember a hit."""
        question = PodRequest(
            "GET",
            f"/servers/{server_id}",
            token=caller.token,
            request_id=caller.request_id,
            read_timeout_seconds=self.search_seconds,
            deadline=caller.deadline,
        )
        answers = self.fan_out.ask(
            self._candidates(caller),
            lambda pod: self.client.send(pod, question),
            caller.deadline.at_most(self.search_seconds),
        )
        for pod, reply in answers.given:
            if reply.status == 200:
                return self._found(caller, server_id, pod, reply)
        if answers.missing or any(reply.status != GONE for _, reply in answers.given):
            raise Unavailable(f"Instance {server_id} can't be looked up now: a pod doesn't answer.")
        raise _no_such_server(server_id)

    def _candidates(self, caller: Caller) -> list[Pod]:
        if caller.identity.is_admin:
            return self.roster.all()
        return self.roster.of(self.projects.pod_ids(caller.identity.project_id))

    def _found(self, caller: Caller, server_id: str, pod: Pod, reply: PodReply) -> Location:
        shown = server_in(pod, reply)
        location = location_of({**shown, "id": server_id}, caller, pod, self.clock())
        # An admin may see any project's server; whose it is, is only sure for everyone else.
        return location if caller.identity.is_admin else self.locations.remember(location)

    def _learn(self, location: Location, request: PodRequest, reply: PodReply) -> None:
        """An answer about the server itself says whether it is still there."""
        if request.path.partition("?")[0] != f"/servers/{location.resource_id}":
            return
        gone = reply.status == GONE or (request.method == "DELETE" and reply.status == DELETING)
        if gone and location.ended_at is None:
            # A delete ends it already, since a client may never ask again; should the server stay,
            # it still routes, and whoever sees it brings it back.
            self.locations.end(location.resource_id, self.clock())
        elif reply.status == 200 and location.ended_at is not None and b'"deleting"' not in reply.body:
            self.locations.remember(replace(location, ended_at=None))


def server_in(pod: Pod, reply: PodReply) -> Mapping[str, Any]:
    """The server that a pod shows. Raises PodUnreachable when its answer isn't one."""
    try:
        server = json.loads(reply.body)["server"]
    except (ValueError, KeyError, TypeError):
        server = None
    if not isinstance(server, dict):
        raise PodUnreachable(pod.pod_id, f"{pod.pod_name} answered with something else", sent=True)
    return server


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _no_such_server(server_id: str) -> NotFound:
    return NotFound("Instance", server_id)
