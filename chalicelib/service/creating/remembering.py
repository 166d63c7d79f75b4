"""Remembering: write down where servers are, before their owner learns of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

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
from chalicelib.service.ports import Clock, LocationStore, PodClient

MOST_AT_ONCE = 100  # of one multi-create; the others are remembered when somebody asks for them
LOOK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Remembering:
    """Writes the locations of new servers.

    They are written best-effort: the servers exist already, and an error here would make the client create
    them twice. What couldn't be written is found by the search for a server without a location.
    """

    locations: LocationStore
    client: PodClient
    clock: Clock

    def created(
        self, caller: Caller, order: ServerOrder, chosen: Chosen, reply: PodReply, request: PodRequest
    ) -> None:
        """Remember the server named in the pod's answer, and the others of a multi-create."""
        pod, shares = chosen.pod, _Shares(chosen.claim)
        with _best_effort(pod):
            server = _named(reply)
            if order.count > 1 or server is None:
                with _best_effort(pod):
                    self._newest(caller, order, chosen, request, shares)
            if server is not None:
                named = {**server, "name": order.name}
                self._remember(location_of(SERVERS, named, caller, pod, self.clock()), chosen, shares)

    def _newest(
        self,
        caller: Caller,
        order: ServerOrder,
        chosen: Chosen,
        request: PodRequest,
        shares: _Shares,
    ) -> None:
        """Nova's answer names one server of several, or none: ask the pod for the project's newest servers.

        Only those that look like this create's, by name and time, are remembered. Others' servers are left to
        their own creates, which know the decision and the share.
        """
        pod = chosen.pod
        limit = min(order.count + 10, MOST_AT_ONCE)
        path = f"/servers/detail?limit={limit}"
        look = replace(request, method="GET", path=path, body=None, read_timeout_seconds=LOOK_SECONDS)
        servers, _ = rows_of(pod, self.client.send(pod, look), SERVERS)
        for server in servers:
            location = location_of(SERVERS, server, caller, pod, self.clock())
            if location.name.startswith(order.name) and chosen.decision.may_have_made(location.created_at):
                self._remember(location, chosen, shares)

    def _remember(self, location: Location, chosen: Chosen, shares: _Shares) -> None:
        ours = replace(location, decision_id=chosen.decision.decision_id, share=shares.next())
        if self.locations.remember(ours).share != ours.share:  # it was remembered before
            shares.take_back(ours.share)


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


def _named(reply: PodReply) -> Mapping[str, Any] | None:
    """The server in Nova's answer; a reservation names none."""
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    server = body.get("server") if isinstance(body, dict) else None
    named = isinstance(server, dict) and isinstance(server.get("id"), str)
    return server if named else None
