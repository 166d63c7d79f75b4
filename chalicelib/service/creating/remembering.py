"""Remembering: write down which servers a create made and where, before their owner learns of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import observability
from chalicelib.model.claim import Share
from chalicelib.model.intent import KeptAnswer
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply
from chalicelib.model.resource import SERVERS, ResourceRow
from chalicelib.service.asking.location import location_of
from chalicelib.service.creating.choosing import Chosen
from chalicelib.service.creating.making import Making, joined
from chalicelib.service.ports import Clock, DecisionStore, LocationStore

KEPT_HEADERS = ("content-type", "location", "x-openstack-request-id")


@dataclass(frozen=True, slots=True)
class Remembering:
    """Writes the locations of new servers with the end of their intent, and by what a create that made none
    is found.

    That is done best-effort: the servers exist already, and an error here would make the client create them
    twice. What couldn't be written is found by its marker, or by the search for a server without a location.
    """

    locations: LocationStore
    decisions: DecisionStore
    clock: Clock

    def created(self, making: Making, chosen: Chosen, reply: PodReply) -> None:
        """Remember the server named in the pod's answer, and the others of a multi-create."""
        with _best_effort(chosen.pod):
            answer = _document(reply)
            named = _named(answer)
            rows, complete = ([named], making.order.count == 1) if named is not None else ([], False)
            if not complete:
                with _best_effort(chosen.pod):
                    listed = making.made(chosen, answer.get("reservation_id"))
                    rows = joined(listed, named)
                    complete = len(rows) == len(listed)  # else the list isn't of this create
            self._write(making, chosen.pod, rows, complete, reply)

    def found(
        self, making: Making, pod: Pod, rows: Sequence[ResourceRow], complete: bool, reply: PodReply
    ) -> None:
        """Remember servers that were found by their marker, whose client gets this reply.

        Only when they are ``complete``, the create is done; else the rest of them is still to be found.
        """
        with _best_effort(pod):
            self._write(making, pod, rows, complete, reply)

    def not_accepted(self, chosen: Chosen, reply: PodReply) -> None:
        """Let the pod's id of the request, which its client gets, find the decision too."""
        if reply.request_id:
            with _best_effort(chosen.pod):
                self.decisions.save(chosen.decision, reply.request_id)

    def _write(
        self, making: Making, pod: Pod, rows: Sequence[ResourceRow], complete: bool, reply: PodReply
    ) -> None:
        locations = [
            self._location(making, pod, row, number, reply.request_id) for number, row in enumerate(rows)
        ]
        if complete and locations:
            making.intent.done(locations, _kept(reply), making.request.deadline)
            return
        for location in locations:
            self.locations.remember(location)

    def _location(
        self, making: Making, pod: Pod, row: ResourceRow, number: int, pod_request_id: str
    ) -> Location:
        """A server's location, with one of the claim's shares as long as there are any."""
        intent = making.intent.written
        named = {"name": making.order.name, **row}
        return replace(
            location_of(SERVERS, named, making.caller, pod, self.clock()),
            decision_id=intent.decision_id,
            pod_request_id=pod_request_id,
            share=Share(pod.pod_id, intent.decision_id, number) if number < intent.count else None,
        )


@contextmanager
def _best_effort(pod: Pod) -> Iterator[None]:
    try:
        yield
    except Exception:
        observability.logger().exception("location not written", extra={"pod": pod.pod_name})


def _document(reply: PodReply) -> Mapping[str, Any]:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _named(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The server in Nova's answer; a reservation names none."""
    server = answer.get("server")
    named = isinstance(server, dict) and isinstance(server.get("id"), str)
    return server if named else None


def _kept(reply: PodReply) -> KeptAnswer:
    """What of the answer the client gets again. A password is never stored."""
    body = {**_document(reply)}
    if isinstance(body.get("server"), dict):
        body["server"] = {key: value for key, value in body["server"].items() if key != "adminPass"}
    headers = {name: reply.headers[name] for name in KEPT_HEADERS if name in reply.headers}
    return KeptAnswer(reply.status, headers, json.dumps(body))
