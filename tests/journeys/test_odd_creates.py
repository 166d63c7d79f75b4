"""Odd creates: what can't be a server is refused before anything is claimed, bound or asked."""

from __future__ import annotations

import pytest

from chalicelib.api.json_body import MOST_LEVELS
from chalicelib.model.page import BindingQuery
from tests.journeys.conftest import Gateway
from tests.journeys.test_odd_input import a_create, nested


@pytest.mark.parametrize(
    "body", [a_create(nested(levels)) for levels in (98, 200, 962, 20_000)] + [a_create(b'"\\ud800"')]
)
def test_a_create_that_cannot_be_sent_claims_nothing_and_binds_nothing(gateway: Gateway, body: bytes) -> None:
    answer = gateway.call("POST", "/v2.1/servers", body)

    assert (answer.status, list(answer.body)) == (400, ["badRequest"])
    assert gateway.stores.bindings.find(BindingQuery()) == []
    assert gateway.stores.decisions.list() == []
    assert all(len(pod.journal.entries("POST", "/servers$")) == 0 for pod in gateway.cloud.pods.values())


def test_a_create_may_be_nested_as_deep_as_is_told(gateway: Gateway) -> None:
    # The metadata are three levels deep. Nova refuses them, having read them.
    answer = gateway.call("POST", "/v2.1/servers", a_create(nested(MOST_LEVELS - 4)))

    assert "nested" not in answer.body["badRequest"]["message"]


def test_a_pod_whose_text_no_client_could_read_is_one_that_does_not_answer(gateway: Gateway) -> None:
    made = gateway.create(availability_zone="az2").body["server"]["id"]
    (server,) = gateway.cloud.pod("Pod3").servers()
    server.name = "\ud800"

    answer = gateway.call("GET", "/v2.1/servers/detail")

    (listed,) = answer.body["servers"]
    assert (listed["id"], listed["status"], listed["name"]) == (made, "UNKNOWN", "vm")
    assert answer.headers["x-trio2o-partial"] == "az2"
    assert gateway.call("GET", f"/v2.1/servers/{made}").status == 503
