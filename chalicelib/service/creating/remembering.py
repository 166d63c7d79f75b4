"""Remembering: write down where servers are, before their owner learns of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from chalicelib import observability
from chalicelib.model.claim import Claim, Share
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.location import location_of
from chalicelib.service.asking.pages import rows_of
from chalicelib.service.creating.choosing import Chosen
from chalicelib.service.ports import Clock, DecisionStore, LocationStore, PodClient

MOST_LISTED = 1000  # rows of one page of Nova's, and the most servers of one create
LOOK_SECONDS = 3.0
LOOKED_AT_A_SECOND = 100
LEAST_SECONDS = 1.0  # for the answer to the client


@dataclass(frozen=True, slots=True)
class Remembering:
    """Writes the locations of new servers, and by what a create that made none is found.

    They are written best-effort: the servers exist already, and an error here would make the client create
    them twice. What couldn't be written is found by the search for a server without a location.
    """

    locations: LocationStore
    decisions: DecisionStore
    client: PodClient
    clock: Clock

    def created(
        self, caller: Caller, order: ServerOrder, chosen: Chosen, reply: PodReply, request: PodRequest
    ) -> None:
        """Remember the server named in the pod's answer, and the others of a multi-create."""
        made = _Made(chosen, _Shares(chosen.claim), reply.request_id)
        with _best_effort(chosen.pod):
            answer = _document(reply)
            server = _named(answer)
            if order.count > 1 or server is None:
                with _best_effort(chosen.pod):
                    self._others(caller, order, made, request, answer.get("reservation_id"))
            if server is not None:
                self._remember(self._location({**server, "name": order.name}, caller, made), made)

    def not_accepted(self, chosen: Chosen, reply: PodReply) -> None:
        """Let the pod's id of the request, which its client gets, find the decision too."""
        if reply.request_id:
            with _best_effort(chosen.pod):
                self.decisions.save(chosen.decision, reply.request_id)

    def _others(
        self, caller: Caller, order: ServerOrder, made: _Made, request: PodRequest, reservation_id: object
    ) -> None:
        """Nova's answer names one server of several, or none: ask the pod for those of the reservation.

        Where the answer names no reservation, they are among the project's newest servers. Only those that
        look like this create's, by name and time, are remembered. Others' servers are left to their own
        creates, which know the decision and the share.
        """
        reserved = isinstance(reservation_id, str)
        query = [("limit", str(min(order.count + (0 if reserved else 10), MOST_LISTED)))]
        if reserved:
            query.append(("reservation_id", str(reservation_id)))
        look = replace(
            request,
            method="GET",
            path=f"/servers/detail?{urlencode(query)}",
            body=None,
            read_timeout_seconds=LOOK_SECONDS + order.count / LOOKED_AT_A_SECOND,
        )
        servers, _ = rows_of(made.pod, self.client.send(made.pod, look), SERVERS)
        for server in servers:
            location = self._location(server, caller, made)
            if not reserved and not _may_be_of(location, order, made.chosen):
                continue
            if request.deadline.left_seconds() < LEAST_SECONDS:
                observability.logger().warning("locations left to searches", extra={"pod": made.pod.pod_name})
                return
            self._remember(location, made)

    def _location(self, server: Mapping[str, Any], caller: Caller, made: _Made) -> Location:
        return replace(
            location_of(SERVERS, server, caller, made.pod, self.clock()),
            decision_id=made.chosen.decision.decision_id,
            pod_request_id=made.pod_request_id,
        )

    def _remember(self, location: Location, made: _Made) -> None:
        ours = replace(location, share=made.shares.next())
        if self.locations.remember(ours).share != ours.share:  # it was remembered before
            made.shares.take_back(ours.share)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is known of all servers of one create."""

    chosen: Chosen
    shares: _Shares
    pod_request_id: str

    @property
    def pod(self) -> Pod:
        return self.chosen.pod


def _may_be_of(location: Location, order: ServerOrder, chosen: Chosen) -> bool:
    return location.name.startswith(order.name) and chosen.decision.may_have_made(location.created_at)


@dataclass(slots=True)
class _Shares:
    """The shares of a create's claim, handed out to its servers, no more of them than it asked for.

    If another create's server of a like name is taken for ours before that create has remembered it, it gets
    one of our shares, and one of ours gets none. No more room is ever given back than was claimed.
    """

    claim: Claim
    given: int = 0

    def next(self) -> Share | None:
        """The share of the next server; None when all are handed out."""
        if self.given >= self.claim.count:
            return None
        self.given += 1
        return self.claim.share(self.given - 1)

    def take_back(self, share: Share | None) -> None:
        """Hand out the last share again, since the server didn't take it."""
        if share is not None:
            self.given -= 1


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
