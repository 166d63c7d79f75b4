"""Request ids: a client gets the pod's own with ours beside it, and both find the decision."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import Answer, Gateway

IDS = ("x-openstack-request-id", "x-trio2o-request-id")


def own_decisions(gateway: Gateway, request_id: str, user: str = "alpha") -> list[dict[str, Any]]:
    answer = gateway.call("GET", f"/v2.1/trio2o-decisions?request_id={request_id}", user=user)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["trio2o_decisions"]
    return found


def operators_decisions(gateway: Gateway, request_id: str) -> list[str]:
    rows = gateway.call("GET", f"/v1.0/decisions?request_id={request_id}", user="admin").body["decisions"]
    return [row["decision_id"] for row in rows]


def assert_both_find_it(gateway: Gateway, answer: Answer, *actions: str) -> None:
    pods, ours = (answer.headers[name] for name in IDS)
    assert pods != ours
    assert answer.headers["x-compute-request-id"] == pods
    assert len(operators_decisions(gateway, pods)) == len(actions)
    assert operators_decisions(gateway, pods) == operators_decisions(gateway, ours)
    for request_id in (pods, ours):
        found = sorted(decision["action"] for decision in own_decisions(gateway, request_id))
        assert found == [*actions]
        assert own_decisions(gateway, request_id, user="beta") == []


def test_the_id_of_a_create_is_the_one_of_its_instance_action(gateway: Gateway) -> None:
    created = gateway.create()
    path = f"/v2.1/servers/{created.body['server']['id']}"

    stopped = gateway.call("POST", f"{path}/action", {"os-stop": None})

    actions = gateway.call("GET", f"{path}/os-instance-actions").body["instanceActions"]
    assert [(each["action"], each["request_id"]) for each in actions] == [
        ("stop", stopped.headers["x-openstack-request-id"]),
        ("create", created.headers["x-openstack-request-id"]),
    ]
    assert_both_find_it(gateway, created, "create")


def test_each_server_of_several_is_of_the_same_create(gateway: Gateway) -> None:
    assert_both_find_it(gateway, gateway.create(max_count=3), "create")


def test_a_create_that_each_pod_in_turn_refuses_can_be_asked_about(gateway: Gateway) -> None:
    refused = gateway.create(imageRef="00000000-0000-4000-8000-000000000000", availability_zone="az1")

    assert refused.status == 400
    assert_both_find_it(gateway, refused, "create", "none", "update")  # two pods, and then no other


def test_a_create_for_which_there_is_no_pod_can_be_asked_about(gateway: Gateway) -> None:
    for pod in gateway.cloud.pods.values():
        pod.fill()
    gateway.refresh()

    refused = gateway.create()

    assert refused.status == 409
    pods, ours = (refused.headers[name] for name in IDS)
    assert pods == ours
    (decision,) = own_decisions(gateway, ours)
    assert (decision["action"], decision["pods_eligible"]) == ("none", 0)
    assert {each["filter"] for each in decision["pods_rejected"]} == {"capacity"}
    assert "Pod1" not in str(decision)


def test_a_request_that_decided_nothing_has_no_decision(gateway: Gateway) -> None:
    shown = gateway.call("GET", "/v2.1/servers")

    assert own_decisions(gateway, shown.headers["x-trio2o-request-id"]) == []
    assert gateway.call("GET", "/v2.1/trio2o-decisions").status == 400
    text = gateway.call("GET", "/v2.1/trio2o-decisions?request_id=req-x&format=xml")
    assert text.status == 400
