"""Clients: tenants who create and delete servers, and ask again as HTTP and our answers tell them to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.call import Reply
from local.standin.ids import named_uuid
from tests.crash.outcomes import Crashed
from tests.crash.world import World

MOST_ASKED = 60
AGAIN_SECONDS, MOST_SECONDS = 5, 40  # a client waits longer each time
TAGGING = {"x-openstack-nova-api-version": "2.96"}


@dataclass
class Client:
    """Asks for one thing until it has an answer that is for good.

    ``certain`` is whether its last answer was one; ``next_at`` is when it asks again, None when it doesn't.
    """

    certain: bool = False
    asked: int = 0
    under_way: int = 0
    statuses: list[int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    next_at: datetime | None = None

    role = ""

    def ask(self, world: World) -> None:
        """Ask once, of a process that has just started."""
        if self.asked >= MOST_ASKED:
            self.next_at = None
            return
        self.asked += 1
        self.under_way += 1
        try:
            reply = self.send(world)
        except Crashed:
            reply = None
        finally:
            self.under_way -= 1
        if reply is not None:
            self.statuses.append(reply.status)
            self.bodies.append(str(reply.body))
        wait = self.heard(world, reply)
        patience = min(AGAIN_SECONDS * 2 ** (self.asked - 1), MOST_SECONDS)
        self.next_at = None if wait is None else world.clock() + timedelta(seconds=max(wait, patience))

    def send(self, world: World) -> Reply:
        """Send the request."""
        raise NotImplementedError

    def heard(self, world: World, reply: Reply | None) -> float | None:
        """Take note of an answer, or of a connection that broke; return the seconds to wait at least."""
        raise NotImplementedError


@dataclass
class Create(Client):
    """A create of ``count`` servers called ``vm-<number>``, with or without an ``Idempotency-Key``.

    ``accepted`` are the ids that it was ever told: of one create always the same.
    """

    name: str = "vm-1"
    key: str = "key-1"
    count: int = 1
    headers: dict[str, str] = field(default_factory=lambda: dict(TAGGING))
    accepted: list[str] = field(default_factory=list)
    refused: int = 0

    role = "create"

    def send(self, world: World) -> Reply:
        world.asked[self.name] = self.count
        server: dict[str, Any] = {"name": self.name, "flavorRef": "1", "imageRef": named_uuid("cirros")}
        if "x-openstack-nova-api-version" in self.headers:
            server["networks"] = "none"
        if self.count > 1:
            server["max_count"] = server["min_count"] = self.count
        headers = {**self.headers, **({"idempotency-key": self.key} if self.key else {})}
        body = json.dumps({"server": server}).encode()
        return world.process(self.role).serve("POST", "/servers", body, headers)

    def heard(self, world: World, reply: Reply | None) -> float | None:
        if reply is None:
            return 0.0 if self.key and not self.certain else None
        if reply.status == 202:
            self.certain = True
            self.accepted.append(json.loads(str(reply.body))["server"]["id"])
            return None
        told = reply.headers.get("Retry-After")
        again = told is not None if not self.key else told is not None or reply.status >= 500
        if again:
            return float(told or 0.0) if not self.certain else None
        self.refused = reply.status if reply.status < 500 else 0
        self.certain = self.certain or reply.status < 500
        return None


@dataclass
class Delete(Client):
    """A delete of the server that a create was told of."""

    server_id: str = ""

    role = "delete"

    def send(self, world: World) -> Reply:
        return world.process(self.role).serve("DELETE", f"/servers/{self.server_id}")

    def heard(self, world: World, reply: Reply | None) -> float | None:
        if reply is not None and reply.status in (204, 404):
            self.certain = True
            return None
        if reply is None or reply.status >= 500:
            return 0.0
        location = world.stores.locations.get(self.server_id)
        if location is not None and location.ended_at is not None:
            world.wrong.append(f"a delete that was refused with {reply.status} has ended the location")
        return None


@dataclass
class Listing:
    """What a list shows a tenant."""

    rows: list[dict[str, Any]]
    partial: bool

    @classmethod
    def of(cls, world: World) -> Listing:
        """Ask for it."""
        reply = world.process("list").serve("GET", "/servers/detail", headers=TAGGING)
        assert reply.status == 200, reply
        return cls(json.loads(str(reply.body))["servers"], "X-Trio2o-Partial" in reply.headers)
