"""Lost answers: a create that a pod takes without a reply is found by its marker, or nobody knows."""

from __future__ import annotations

import pytest

from chalicelib.model.intent import IntentState
from local.standin.script import Trouble
from tests.journeys.conftest import BASE, IMAGE, Gateway

ORDER = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "networks": "none"}}


def lose_the_next_answer(gateway: Gateway, when: str, status: int | None = None) -> None:
    """No pod replies to its next create, which it carries out (``after``) or not (``before``)."""
    for name in ("Pod1", "Pod2", "Pod3"):
        lost = Trouble("/servers$", "POST", when=when, reset=status is None, status=status, body=b"<html>")
        gateway.cloud.pod(name).script.add(lost)


def made(gateway: Gateway) -> int:
    return sum(len(pod.servers()) for pod in gateway.cloud.pods.values())


@pytest.mark.parametrize("version", ["2.1", "2.51", "2.52", "2.90"])
@pytest.mark.parametrize("status", [None, 502])
def test_a_create_whose_answer_is_lost_is_found_by_its_marker(
    gateway: Gateway, version: str, status: int | None
) -> None:
    lose_the_next_answer(gateway, "after", status)
    order = ORDER if version > "2.37" else {"server": {**ORDER["server"], "networks": []}}

    answer = gateway.call("POST", "/v2.1/servers", order, X_OpenStack_Nova_API_Version=version)

    assert (answer.status, made(gateway)) == (202, 1), answer.body
    server = answer.body["server"]
    assert list(server) == ["id", "links", "OS-DCF:diskConfig", "security_groups"]
    assert gateway.pod_holding(server["id"])
    assert server["links"][0]["href"] == f"{BASE}/v2.1/servers/{server['id']}"
    assert answer.headers["location"] == f"{BASE}/v2.1/servers/{server['id']}"
    location = gateway.stores.locations.get(server["id"])
    assert location is not None
    assert location.share is not None
    assert intents_of(gateway) == []


def intents_of(gateway: Gateway) -> list[str]:
    """The ids of the intents whose outcome nobody knows."""
    later = gateway.stores.clock().replace(year=2999)
    return [intent.intent_id for intent in gateway.stores.intents.posting(later, 100)]


def test_all_servers_of_a_multi_create_are_found(gateway: Gateway) -> None:
    lose_the_next_answer(gateway, "after")

    answer = gateway.create(max_count=3)

    assert (answer.status, made(gateway)) == (202, 3), answer.body
    listed = gateway.call("GET", "/v2.1/servers").body["servers"]
    locations = gateway.stores.locations.found(row["id"] for row in listed)
    assert len({location.share for location in locations}) == 3
    assert answer.body["server"]["id"] in {row["id"] for row in listed}


def test_when_it_is_not_found_nobody_knows_and_the_intent_stays(gateway: Gateway) -> None:
    lose_the_next_answer(gateway, "before")

    answer = gateway.create(availability_zone="az1")

    assert answer.status == 504
    assert "list servers before trying again" in answer.body["computeFault"]["message"]
    assert "retry-after" not in answer.headers
    assert made(gateway) == 0  # asked one pod, once
    assert len(intents_of(gateway)) == 1


def test_a_server_error_of_novas_is_looked_into_too(gateway: Gateway) -> None:
    fault = {"computeFault": {"code": 500, "message": "Unexpected API Error."}}
    for name in ("Pod1", "Pod2", "Pod3"):
        gateway.cloud.pod(name).script.add(Trouble("/servers$", "POST", when="after", status=500, body=fault))

    answer = gateway.create()

    assert (answer.status, made(gateway)) == (202, 1), answer.body


def test_a_refused_create_ends_its_intent(gateway: Gateway) -> None:
    assert gateway.create(imageRef="no-such-image").status == 400

    assert intents_of(gateway) == []
    assert IntentState.FAILED in {x.state for x in gateway.stores.intents._intents.values()}  # type: ignore[attr-defined]
