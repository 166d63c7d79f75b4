"""A pod that trickles takes no more than the time that there is for it."""

from __future__ import annotations

import time

import pytest

from chalicelib.api.nova.table import TABLE
from local.standin.hostile_bytes import SLOW
from tests.journeys.hostile_world import OTHER_TENANT, OWN_TENANT, hostile_world


@pytest.mark.parametrize("misdeed", SLOW)
def test_a_pod_that_trickles_takes_no_more_than_its_time(misdeed: str) -> None:
    asked = [("/servers", OWN_TENANT), ("/servers/{server_id}", OWN_TENANT), ("/flavors", OTHER_TENANT)]
    seconds = {f"{name}_timeout_seconds": 2.0 for name in ("list", "search", "read")}
    with hostile_world(request_seconds=10.0, **seconds) as world:
        world.misbehave(misdeed, seed=9)
        for path, user in asked:
            (row,) = (row for row in TABLE if (row.method, row.path) == ("GET", path))
            began = time.monotonic()
            answer = world.ask(row, user)
            assert time.monotonic() - began < 10.0
            assert answer.status == (503 if path.endswith("_id}") else 200), answer.body
            assert answer.headers.get("x-trio2o-partial") == ("az1" if path == "/servers" else None)
