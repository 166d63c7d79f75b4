"""Idempotency keys on real pods: sent twice, a create makes one server, and no answer shows a marker."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from tests.openstack.cloud import NEWEST, Cloud
from tests.openstack.servers import Servers

pytestmark = pytest.mark.usefixtures("operator")


def order_at(version: str, fresh: Servers, **asked: Any) -> dict[str, Any]:
    """The body of a create. Before 2.37 there is no 'none' for networks."""
    order = fresh.order(**asked)
    if version < "2.37":
        order["server"]["networks"] = []
    return order


def test_a_create_that_is_sent_twice_makes_one_server(alpha: Cloud, fresh: Servers) -> None:
    order, key = fresh.order(), {"Idempotency-Key": secrets.token_hex(8)}

    first = alpha.ask("POST", "/v2.1/servers", order, **key)
    second = alpha.ask("POST", "/v2.1/servers", order, **key)
    other = alpha.ask("POST", "/v2.1/servers", fresh.order(), **key)

    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 422)
    server = first.json()["server"]
    fresh.know(alpha, server["id"])
    server.pop("adminPass", None)
    assert second.json()["server"] == server
    listed = alpha.ask("GET", f"/v2.1/servers?name={order['server']['name']}").json()["servers"]
    assert [row["id"] for row in listed] == [server["id"]]


@pytest.mark.parametrize("made_at", ["2.51", "2.52", NEWEST])
def test_no_answer_shows_the_marker_of_a_new_server(alpha: Cloud, fresh: Servers, made_at: str) -> None:
    reply = alpha.ask("POST", "/v2.1/servers", order_at(made_at, fresh, metadata={"mine": "1"}), made_at)
    assert reply.status_code == 202, reply.text
    server_id = fresh.know(alpha, reply.json()["server"]["id"])
    fresh.active(alpha, server_id)  # before it has a cell, Nova lists no metadata

    for version in ("2.1", "2.51", "2.52", NEWEST):
        for path in (f"/servers/{server_id}", "/servers/detail", f"/servers/{server_id}/metadata"):
            shown = alpha.ask("GET", f"/v2.1{path}", version=version)
            assert shown.status_code == 200, shown.text
            assert "trio2o" not in shown.text
            assert '"mine"' in shown.text
    assert alpha.ask("GET", f"/v2.1/servers/{server_id}/tags").json() == {"tags": []}


@pytest.mark.parametrize("version", ["2.51", "2.52"])
def test_a_refusal_that_repeats_the_request_repeats_no_marker(
    alpha: Cloud, fresh: Servers, version: str
) -> None:
    order = order_at(version, fresh, oddity=1)

    refusal = alpha.ask("POST", "/v2.1/servers", order, version)

    assert refusal.status_code == 400
    assert f"Value: {order['server']}." in json.loads(refusal.text)["badRequest"]["message"]
