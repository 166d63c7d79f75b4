"""The door of Nova's API with nothing behind it: its rows answer that they were reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.test import Client

from chalicelib import wiring
from chalicelib.api.call import Call, Reply, View
from chalicelib.api.door import open_door
from chalicelib.api.nova.mount import COMPUTE
from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.router import Router
from chalicelib.api.openstack.table import Row
from chalicelib.model.errors import Unauthenticated
from chalicelib.model.identity import Identity, Role
from chalicelib.settings import Settings
from tests.api.nova.novas_routes import NEWEST
from tests.builders import PROJECT, a_pod
from tests.service.desk import OPERATOR, World

REACHED = 299


class TokensByRole:
    """A Keystone whose tokens are the names of roles; "anyone" has none."""

    def validate(self, token: str) -> Identity:
        if token.upper() not in Role.__members__:
            raise Unauthenticated("no token")
        return replace(OPERATOR.identity, project_id=PROJECT, roles=frozenset({token}))


@dataclass
class Door:
    """Sends requests to the door; ``reached`` are the rows that were let through to."""

    http: Client
    reached: list[str] = field(default_factory=list)

    def ask(
        self, row: Row, token: str, version: str = "", project_id: str = "", body: object = None
    ) -> tuple[int, Any]:
        """Status and body of the answer to a request for a row; by default of a microversion that has it."""
        headers = {
            "OpenStack-API-Version": f"compute {version or row.since or row.until or '2.1'}",
            "Content-Type": "application/json",
            **({"X-Auth-Token": token} if token else {}),
        }
        segments = ["x" if part.startswith("{") else part for part in row.path.split("/")]
        path = f"/v2.1{f'/{project_id}' if project_id else ''}{'/'.join(segments)}"
        raw = b"" if body is None else json.dumps(body).encode()
        reply = self.http.http.request(row.method, path, headers=headers, body=raw)
        return reply.status_code, json.loads(reply.body) if reply.body.strip() else None


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    pod = a_pod(min_microversion="2.1", max_microversion=NEWEST)
    settings = Settings(roster_cache_seconds=60.0)
    wiring.use(World(pod, tokens=TokensByRole()).services, settings)
    app = Chalice("door", configure_logs=False)
    reached: list[str] = []

    def noting(row: Row) -> View:
        def note(call: Call) -> Reply:
            reached.append(str(row))
            return Reply(REACHED)

        return note

    rows = [replace(row, kind=noting) for row in TABLE]
    open_door(app, replace(COMPUTE, router=Router(rows, project_ids=True)))
    try:
        with Client(app) as http:
            yield Door(http, reached)
    finally:
        wiring.use(None)
