"""Claims, as operators see them on the capacity page, and the fence, as tenants meet it."""

from __future__ import annotations

from typing import Any

import pytest

from local.standin.script import Trouble
from tests.journeys.conftest import Gateway


def claimed(gateway: Gateway) -> dict[str, int]:
    """How many instances are claimed in each pod; pods without a claim are left out."""
    pages = {name: capacity(gateway, name) for name in gateway.pods}
    counts = {name: page["resources"]["instances"]["claimed"] for name, page in pages.items()}
    return {name: count for name, count in counts.items() if count}


def capacity(gateway: Gateway, name: str) -> Any:
    answer = gateway.call("GET", f"/v1.0/pods/{gateway.pods[name].pod_id}/capacity", user="admin")
    return answer.body["capacity"]


def test_a_create_counts_against_its_pod_before_any_report_has_seen_it(gateway: Gateway) -> None:
    name = gateway.pod_holding(gateway.create(flavorRef="2").body["server"]["id"])

    vcpus = capacity(gateway, name)["resources"]["vcpus"]
    assert (vcpus["used"], vcpus["claimed"]) == (0, 1)
    assert (vcpus["free"], vcpus["fill"]) == (vcpus["limit"] - 1, 0.0)
    assert claimed(gateway) == {name: 1}


def test_several_servers_at_once_are_one_claim_for_all(gateway: Gateway) -> None:
    answer = gateway.create(max_count=3)

    assert answer.status == 202
    assert sum(claimed(gateway).values()) == 3


def test_a_refusal_by_the_pods_nova_gives_the_claim_back(gateway: Gateway) -> None:
    assert gateway.create(imageRef="no-such-image").status == 400

    assert claimed(gateway) == {}


def test_a_dead_pod_gives_the_claim_back_and_the_next_one_has_it(gateway: Gateway) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.cloud.pod(bound).kill()

    other = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])

    assert claimed(gateway) == {bound: 1, other: 1}


def test_an_unknown_outcome_keeps_the_claim(gateway: Gateway) -> None:
    for name in ("Pod1", "Pod2"):
        trouble = Trouble(path="/servers$", method="POST", when="before", reset=True)
        gateway.cloud.pod(name).script.add(trouble)

    assert gateway.create(availability_zone="az1").status == 504

    assert sum(claimed(gateway).values()) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_servers_that_found_no_host_give_the_claim_back(gateway: Gateway, count: int) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.cloud.pod(bound).fill()  # since the last refresh
    assert gateway.create("fleet", max_count=count, availability_zone="az1").status == 202
    assert claimed(gateway) == {bound: 1 + count}

    gateway.refresh()
    gateway.refresh()

    assert claimed(gateway) == {}
    vcpus = capacity(gateway, bound)["resources"]["vcpus"]
    assert vcpus["free"] == max(0, vcpus["limit"] - vcpus["used"])


@pytest.mark.parametrize("verb", ["cordon", "drain"])
def test_a_fence_sends_the_bound_projects_next_create_elsewhere(gateway: Gateway, verb: str) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.call("POST", f"/v1.0/pods/{gateway.pods[bound].pod_id}/{verb}", user="admin")

    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) != bound
