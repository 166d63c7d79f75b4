"""Idempotency keys: a client that sends its create again gets the same answer, and no second server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import wiring
from chalicelib.model.intent import slot_of
from local.standin.script import Trouble
from tests.journeys.conftest import IMAGE, Answer, Gateway

PATH = "/v2.1/servers"


def send(
    gateway: Gateway, key: str = "key-1", path: str = PATH, user: str = "alpha", **fields: object
) -> Answer:
    server = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, **fields}
    return gateway.call("POST", path, {"server": server}, user=user, Idempotency_Key=key)


def made(gateway: Gateway) -> int:
    return sum(len(pod.servers()) for pod in gateway.cloud.pods.values())


def test_the_same_request_again_gets_the_same_answer_without_the_password(gateway: Gateway) -> None:
    first, second = send(gateway), send(gateway)

    assert made(gateway) == 1
    assert first.body["server"].pop("adminPass")
    assert (second.status, second.body) == (first.status, first.body)
    same = ("location", "content-type", "x-openstack-request-id", "openstack-api-version")
    assert {name: second.headers[name] for name in same} == {name: first.headers[name] for name in same}
    assert second.headers["x-trio2o-request-id"] != first.headers["x-trio2o-request-id"]


def test_links_are_those_of_the_path_that_the_client_uses_now(gateway: Gateway) -> None:
    first = send(gateway)
    second = send(gateway, path=f"/v2.1/{gateway.project_id()}/servers")

    assert second.body["server"]["id"] == first.body["server"]["id"]
    assert gateway.project_id() in second.body["server"]["links"][0]["href"]


def test_another_request_with_the_key_is_refused_in_novas_words(gateway: Gateway) -> None:
    send(gateway)

    for other in (send(gateway, name="other"), send(gateway, path="/v2.1/os-volumes_boot", max_count=2)):
        assert (other.status, list(other.body)) == (422, ["computeFault"])
        assert other.body["computeFault"]["code"] == 422
    at = {"X_OpenStack_Nova_API_Version": "2.3", "Idempotency_Key": "key-1"}
    order = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}}
    assert gateway.call("POST", PATH, order, **at).status == 422
    assert made(gateway) == 1


def test_keys_are_a_projects_own(gateway: Gateway) -> None:
    first, other = send(gateway), send(gateway, user="beta")

    assert other.body["server"]["id"] != first.body["server"]["id"]
    assert made(gateway) == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "ké", "k\x7f"])
def test_a_key_that_is_none_is_a_400(gateway: Gateway, key: str) -> None:
    answer = send(gateway, key)

    assert (answer.status, list(answer.body)) == (400, ["badRequest"])
    assert made(gateway) == 0


def test_no_pod_is_sent_the_key(gateway: Gateway) -> None:
    server_id = send(gateway).body["server"]["id"]

    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    for request in pod.journal.entries():
        assert "idempotency-key" not in {name.lower() for name in request.headers}


def test_a_refused_create_may_be_sent_again(gateway: Gateway) -> None:
    refusal = Trouble(
        "/servers$", "POST", status=409, body={"conflictingRequest": {"code": 409, "message": "x"}}
    )
    for pod in gateway.cloud.pods.values():
        pod.script.add(replace(refusal))

    assert send(gateway).status == 409
    for pod in gateway.cloud.pods.values():
        pod.script.clear()
    assert send(gateway).status == 202
    assert made(gateway) == 1


def test_while_the_outcome_is_unknown_the_client_is_asked_to_wait(gateway: Gateway) -> None:
    for pod in gateway.cloud.pods.values():
        pod.script.add(Trouble("/servers$", "POST", when="before", reset=True))

    lost, again = send(gateway), send(gateway)

    assert (lost.status, again.status) == (503, 409)
    assert lost.headers["retry-after"]
    assert again.headers["retry-after"]
    assert (list(lost.body), list(again.body)) == (["serviceUnavailable"], ["conflictingRequest"])
    assert made(gateway) == 0


def test_a_create_that_was_broken_off_is_adopted_once_it_is_settled(gateway: Gateway) -> None:
    """The gateway was killed after the POST: the server is there, and nothing says so but its marker."""
    answer = send(gateway, max_count=2)
    intents = gateway.stores.intents
    done = intents.get(slot_of(gateway.project_id(), "key-1"))
    assert done is not None
    for server_id in done.server_ids:
        del gateway.stores.locations._locations[server_id]  # type: ignore[attr-defined]
    settled = wiring.now() - timedelta(seconds=1)
    broken_off = replace(done, state="posting", server_ids=(), answer=None, settle_at=settled)
    intents._intents[done.slot] = broken_off  # type: ignore[attr-defined]

    again, replay = send(gateway, max_count=2), send(gateway, max_count=2)

    assert (again.status, made(gateway)) == (202, 2), again.body
    assert replay.body == again.body
    assert again.body["server"]["id"] == answer.body["server"]["id"]
    held = gateway.stores.locations.found(done.server_ids)
    assert {location.decision_id for location in held} == {done.decision_id}
    assert len({location.share for location in held}) == 2


def test_of_two_at_once_one_creates(gateway: Gateway) -> None:
    send(gateway, key="another", name="warm")  # all caches are filled, and the binding is made

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: send(gateway), range(2)))

    assert made(gateway) == 2
    assert 202 in {answer.status for answer in answers}
    assert {answer.status for answer in answers} <= {202, 409}
