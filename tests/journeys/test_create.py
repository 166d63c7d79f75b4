"""A create, from the client's request to the pod that holds the server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.model.intent import marker_in
from chalicelib.model.page import BindingQuery
from tests.journeys.conftest import BASE, IMAGE, Gateway

INPUT = "Invalid input for field/attribute"


def bindings_of(gateway: Gateway, project: str = "alpha") -> list[dict[str, object]]:
    answer = gateway.call("GET", f"/v1.0/bindings?project_id={gateway.project_id(project)}", user="admin")
    return list(answer.body["pod_bindings"])


def test_a_first_create_binds_the_project_and_boots_in_the_bound_pod(gateway: Gateway) -> None:
    answer = gateway.create("first", availability_zone="az1")

    assert answer.status == 202, answer.body
    server = answer.body["server"]
    (binding,) = bindings_of(gateway)
    held_by = gateway.pod_holding(server["id"])
    assert gateway.pods[held_by].pod_id == binding["pod_id"]
    assert (binding["az_name"], binding["generation"], binding["is_binding"]) == ("az1", 1, True)
    assert server["adminPass"]
    assert server["links"][0]["href"] == f"{BASE}/v2.1/servers/{server['id']}"
    assert answer.headers["location"] == f"{BASE}/v2.1/servers/{server['id']}"


def test_the_next_create_keeps_the_binding_and_writes_nothing(gateway: Gateway) -> None:
    first = gateway.create("first").body["server"]["id"]
    second = gateway.create("second").body["server"]["id"]

    assert gateway.pod_holding(first) == gateway.pod_holding(second)
    assert [b["generation"] for b in bindings_of(gateway)] == [1]


def test_a_filled_pod_loses_the_binding_and_the_history_says_why(gateway: Gateway) -> None:
    first = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.cloud.pod(first).fill()
    gateway.refresh()

    second = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])

    assert {first, second} == {"Pod1", "Pod2"}
    (binding,) = bindings_of(gateway)
    assert binding["generation"] == 2
    history = gateway.call("GET", f"/v1.0/bindings/{binding['id']}/history", user="admin").body
    assert [event["action"] for event in history["events"]] == ["created", "updated"]
    assert "full" in history["events"][1]["reason"]


def test_a_dead_pod_is_passed_over_and_the_binding_stays(gateway: Gateway) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.cloud.pod(bound).kill()

    answer = gateway.create(availability_zone="az1")

    assert answer.status == 202, answer.body
    assert gateway.pod_holding(answer.body["server"]["id"]) != bound
    (binding,) = bindings_of(gateway)
    assert (binding["pod_id"], binding["generation"]) == (gateway.pods[bound].pod_id, 1)


def test_the_pod_gets_all_that_the_client_sent_in_its_order_and_a_marker(gateway: Gateway) -> None:
    raw = (
        b'{"server": {"flavorRef":"1", "name" : "v\xc3\xadm", "imageRef":"%s", "metadata":{"b":"2","a":"1"},'
        b' "OS-DCF:diskConfig": "AUTO"}, "os:scheduler_hints": {"n": 12345678901234567890, "x": 1.5}}'
        % IMAGE.encode()
    )

    answer = gateway.call("POST", "/v2.1/servers", raw)

    assert answer.status == 202, answer.body
    received = sent_to(gateway, answer.body["server"]["id"])
    server = received["server"]
    marker = marker_in(list(server["metadata"])[-1])
    assert marker is not None
    assert server["metadata"].pop(str(marker)) == ""
    assert json.dumps(received) == json.dumps(json.loads(raw))


def sent_to(gateway: Gateway, server_id: str) -> Any:
    """The create as the pod got it that made this server."""
    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    return json.loads(pod.journal.entries("POST", "/servers$")[-1].body)


def test_the_zone_is_put_in_the_pods_own_words_and_back(gateway: Gateway) -> None:
    pod = gateway.pods["Pod3"]
    named = {"pod": {"pod_az_name": "nova", "generation": pod.generation}}
    assert gateway.call("PUT", f"/v1.0/pods/{pod.pod_id}", named, user="admin").status == 200

    server_id = gateway.create(availability_zone="az2").body["server"]["id"]

    (received,) = gateway.cloud.pod("Pod3").journal.entries("POST", "/servers$")
    assert json.loads(received.body)["server"]["availability_zone"] == "nova"
    shown = gateway.call("GET", f"/v2.1/servers/{server_id}").body["server"]
    assert shown["OS-EXT-AZ:availability_zone"] == "az2"


def test_an_unknown_zone_is_the_clients_mistake(gateway: Gateway) -> None:
    answer = gateway.create(availability_zone="az9")

    assert answer.status == 400
    assert "az9" in answer.body["badRequest"]["message"] or "zone" in answer.body["badRequest"]["message"]
    assert bindings_of(gateway) == []


def test_when_every_pod_is_full_the_answer_counts_why(gateway: Gateway) -> None:
    for name in ("Pod1", "Pod2"):
        gateway.cloud.pod(name).fill()
    gateway.refresh()

    answer = gateway.create(availability_zone="az1")

    assert answer.status == 409
    assert "capacity" in answer.body["conflictingRequest"]["message"]
    assert "Pod1" not in answer.body["conflictingRequest"]["message"]


def test_a_refusal_by_the_pods_nova_is_the_clients_answer(gateway: Gateway) -> None:
    answer = gateway.create(imageRef="no-such-image")

    assert answer.status == 400
    assert "badRequest" in answer.body


def test_a_flavor_that_is_newer_than_the_catalogues_is_asked_of_the_pods(gateway: Gateway) -> None:
    size = {"name": "new", "id": "new", "vcpus": 1, "ram": 64, "disk": 1}
    for pod in gateway.cloud.pods.values():
        token = gateway.cloud.token_for("admin").id
        create_flavor(pod.endpoints["compute"], token, size)

    assert gateway.create(flavorRef="new").status == 202
    assert gateway.create(flavorRef="nowhere").status == 400


def create_flavor(endpoint: str, token: str, size: dict[str, object]) -> None:
    import requests

    answer = requests.post(
        f"{endpoint}/flavors", json={"flavor": size}, headers={"X-Auth-Token": token}, timeout=5
    )
    assert answer.ok, answer.text


def test_only_an_admin_names_a_host(gateway: Gateway) -> None:
    assert gateway.create(availability_zone="az1:pod1-host1").status == 403


def test_bad_bodies_get_novas_bad_request(gateway: Gateway) -> None:
    for body in (b"", b"{", b"[]", b'{"server": 1}', b'{"server": {"name": "x"}}', b'{"a": NaN}'):
        answer = gateway.call("POST", "/v2.1/servers", body)
        assert (answer.status, list(answer.body)) == (400, ["badRequest"]), body
    for field, value in (("max_count", 0), ("min_count", "x"), ("availability_zone", 1), ("max_count", True)):
        assert gateway.create(**{field: value}).status == 400, field


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "[] is not of type 'object'"),
        ({}, "'server' is a required property"),
        ({"server": None}, f"{INPUT} server. Value: None. None is not of type 'object'"),
        ({"server": {}}, f"{INPUT} server. Value: {{}}. 'name' is a required property"),
        ({"server": {"name": ""}}, f"{INPUT} name. Value: . '' should be non-empty"),
        (
            {"server": {"name": " "}},
            "An invalid 'name' value was provided. The name must be: printable characters. "
            "Can not start or end with whitespace.",
        ),
        (
            {"server": {"name": "a"}},
            f"{INPUT} server. Value: {{'name': 'a'}}. 'flavorRef' is a required property",
        ),
        (
            {"server": {"name": "a", "flavorRef": None}},
            f"{INPUT} flavorRef. Value: None. None is not of type 'string', 'integer'",
        ),
        (
            {"server": {"name": "a", "flavorRef": "1", "min_count": 0}},
            f"{INPUT} min_count. Value: 0. 0 is less than the minimum of 1",
        ),
        (
            {"server": {"name": "a", "flavorRef": "1", "max_count": "x"}},
            f"{INPUT} max_count. Value: x. 'x' does not match '^[0-9]*$'",
        ),
    ],
)
def test_what_is_wrong_with_a_body_is_told_in_novas_words(gateway: Gateway, body: object, told: str) -> None:
    answer = gateway.call("POST", "/v2.1/servers", body)

    assert (answer.status, answer.body["badRequest"]["message"]) == (400, told)


def test_a_header_that_no_pod_could_be_sent_is_a_400_that_binds_nothing(gateway: Gateway) -> None:
    order = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}}

    answer = gateway.call("POST", "/v2.1/servers", order, Accept="\u2603")

    assert (answer.status, "accept" in answer.body["badRequest"]["message"]) == (400, True)
    assert gateway.stores.bindings.find(BindingQuery()) == []
    assert gateway.stores.decisions.list() == []
