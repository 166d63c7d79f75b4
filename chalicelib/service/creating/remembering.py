"""Remembering: write down where servers are, before their owner learns of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from chalicelib import observability
from chalicelib.model.claim import Claim
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.resource import SERVERS
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.pages import rows_of
from chalicelib.service.creating.binding import Placement
from chalicelib.service.ports import Clock, LocationStore, PodClient, PodReply, PodRequest

ACCEPTED = 202
MOST_AT_ONCE = 100  # of one multi-create; the others are remembered when somebody asks for them
LOOK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Remembering:
    """Writes the locations of new servers. It never fails: they exist, and refusing now doubles them.

    What couldn't be written is found by the search for a server without a location.
    """

    locations: LocationStore
    client: PodClient
    clock: Clock

    def created(
        self, caller: Caller, order: ServerOrder, placement: Placement, reply: PodReply, request: PodRequest
    ) -> None:
        """Remember what a pod's answer to a create names, and the others of a multi-create."""
        if reply.status != ACCEPTED:
            return
        pod, shares = placement.pod, _Shares(placement.claim, order.count)
        decision_id = placement.decision.decision_id
        with _whatever_happens(pod):
            server = _named(reply)
            if order.count > 1 or server is None:
                with _whatever_happens(pod):
                    self._newest(caller, order, placement, request, shares)
            if server is not None:
                named = {**server, "name": order.name}
                location = location_of(named, caller, pod, self.clock())
                self.locations.remember(replace(location, decision_id=decision_id, claim=shares.next()))

    def _newest(
        self,
        caller: Caller,
        order: ServerOrder,
        placement: Placement,
        request: PodRequest,
        shares: _Shares,
    ) -> None:
        """Nova names one server of several, or none: take the newest there, which are this project's own.

        That another create made some of them does no harm: it is where they are. Those that look like
        this create's, by name and time, lead to its decision.
        """
        pod, decision = placement.pod, placement.decision
        limit = min(order.count + 10, MOST_AT_ONCE)
        path = f"/servers/detail?limit={limit}"
        look = replace(request, method="GET", path=path, body=None, read_timeout_seconds=LOOK_SECONDS)
        servers, _ = rows_of(pod, self.client.send(pod, look), SERVERS)
        for server in servers:
            location = location_of(server, caller, pod, self.clock())
            ours = location.name.startswith(order.name) and decision.may_have_made(location.created_at)
            self.locations.remember(
                replace(location, decision_id=decision.decision_id, claim=shares.next())
                if ours
                else replace(location, request_id="")  # which request made it, nobody knows
            )


@dataclass(slots=True)
class _Shares:
    """A create's claim, handed out to its servers in equal shares, no more of them than it asked for.

    Another create's server that is taken for one of its own so costs it a share, which ends with its
    minute, but never makes room that wasn't claimed.
    """

    claim: Claim | None
    count: int
    given: int = 0

    def next(self) -> Claim | None:
        """The next server's; None when all are handed out or nothing was claimed."""
        if self.claim is None or self.given >= self.count:
            return None
        self.given += 1
        return self.claim.share(self.count)


@contextmanager
def _whatever_happens(pod: Pod) -> Iterator[None]:
    try:
        yield
    except Exception:
        observability.logger().exception("location not written", extra={"pod": pod.pod_name})


def location_of(server: Mapping[str, Any], caller: Caller, pod: Pod, now: datetime) -> Location:
    """Where a server of the caller's project is, with what a stub of it shows; ``now`` if it isn't dated."""
    return Location(
        resource_id=str(server["id"]),
        project_id=caller.identity.project_id,
        pod_id=pod.pod_id,
        created_at=_created(server, now),
        name=str(server.get("name") or ""),
        request_id=caller.request_id,
    )


def _created(server: Mapping[str, Any], now: datetime) -> datetime:
    try:
        created = datetime.fromisoformat(str(server.get("created")))
    except ValueError:
        return now
    return created if created.tzinfo else created.replace(tzinfo=UTC)


def _named(reply: PodReply) -> Mapping[str, Any] | None:
    """The server in Nova's answer; a reservation names none."""
    server = json.loads(reply.body).get("server")
    named = isinstance(server, dict) and isinstance(server.get("id"), str)
    return server if named else None
