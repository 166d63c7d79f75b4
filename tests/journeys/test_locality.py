"""What a create names is in one pod: the server goes there, or nowhere."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Gateway

NOWHERE = "00000000-0000-4000-8000-000000000000"


def network_of(gateway: Gateway, name: str) -> str:
    return gateway.cloud.pod(name).nova.network.id


@pytest.mark.parametrize("name", ["Pod1", "Pod2"])
def test_a_server_goes_where_its_network_is_and_the_binding_stays(gateway: Gateway, name: str) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])

    answer = gateway.create(availability_zone="az1", networks=[{"uuid": network_of(gateway, name)}])

    assert gateway.pod_holding(answer.body["server"]["id"]) == name
    (binding,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert (binding["pod_id"], binding["generation"]) == (gateway.pods[bound].pod_id, 1)


def test_a_network_of_another_zone_can_not_be_had_here(gateway: Gateway) -> None:
    answer = gateway.create(availability_zone="az1", networks=[{"uuid": network_of(gateway, "Pod3")}])

    assert answer.status == 409
    assert "2 by locality" in answer.body["conflictingRequest"]["message"]


def test_without_a_zone_the_network_chooses_it(gateway: Gateway) -> None:
    answer = gateway.create(networks=[{"uuid": network_of(gateway, "Pod3")}])

    assert gateway.pod_holding(answer.body["server"]["id"]) == "Pod3"


def test_a_network_that_nobody_has_gets_the_pods_own_refusal(gateway: Gateway) -> None:
    answer = gateway.create(networks=[{"uuid": NOWHERE}])

    assert answer.status == 400
    assert NOWHERE in answer.body["badRequest"]["message"]


def test_while_the_pod_with_the_network_is_silent_no_other_gets_the_server(gateway: Gateway) -> None:
    network_id = network_of(gateway, "Pod1")
    gateway.cloud.pod("Pod1").kill()

    answer = gateway.create(availability_zone="az1", networks=[{"uuid": network_id}])

    assert (answer.status, list(answer.body)) == (503, ["serviceUnavailable"])
    assert answer.headers["retry-after"]
    assert "Pod1" not in str(answer.body)
    assert gateway.cloud.pod("Pod2").servers() == []
