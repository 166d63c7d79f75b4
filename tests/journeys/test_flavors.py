"""Flavors: written to every pod by admins, shown as one list, and of one size for tenants."""

from __future__ import annotations

from typing import Any

import pytest

from local.standin.nova.flavor import Flavor
from tests.journeys.conftest import Answer, Gateway

BIG = {"name": "big", "vcpus": 2, "ram": 256, "disk": 1}


def write(gateway: Gateway, method: str, path: str, body: object = None, version: str = "2.61") -> Answer:
    named = {"OpenStack_API_Version": f"compute {version}"}
    return gateway.call(method, f"/v2.1/flavors{path}", body, user="admin", **named)


def held(gateway: Gateway, flavor_id: str) -> list[Flavor | None]:
    return [pod.nova.flavors.get(flavor_id) for pod in gateway.cloud.pods.values()]


def health(gateway: Gateway) -> Any:
    return gateway.call("GET", "/v1.0/health", user="admin").body["health"]


def test_a_flavor_is_made_changed_and_removed_in_every_pod(gateway: Gateway) -> None:
    made = write(gateway, "POST", "", {"flavor": {**BIG, "os-flavor-access:is_public": False}})
    flavor_id = made.body["flavor"]["id"]
    project_id = gateway.project_id()

    assert made.status == 200
    assert [flavor and flavor.name for flavor in held(gateway, flavor_id)] == ["big"] * 3
    assert gateway.call("GET", f"/v2.1/flavors/{flavor_id}").status == 404
    access = {"addTenantAccess": {"tenant": project_id}}
    assert write(gateway, "POST", f"/{flavor_id}/action", access).status == 200
    assert gateway.call("GET", f"/v2.1/flavors/{flavor_id}").status == 200
    assert write(gateway, "POST", f"/{flavor_id}/action", access).status == 409
    assert write(gateway, "GET", f"/{flavor_id}/os-flavor-access").body["flavor_access"]
    assert write(gateway, "POST", f"/{flavor_id}/os-extra_specs", {"extra_specs": {"a:b": "1"}}).status == 200
    assert write(gateway, "PUT", f"/{flavor_id}/os-extra_specs/a:b", {"a:b": "2"}).status == 200
    assert [flavor and flavor.extra_specs for flavor in held(gateway, flavor_id)] == [{"a:b": "2"}] * 3
    assert write(gateway, "PUT", f"/{flavor_id}", {"flavor": {"description": "d"}}).status == 200
    assert write(gateway, "PUT", f"/{flavor_id}", {"flavor": {"description": "d"}}, "2.54").status == 404
    assert gateway.create(flavorRef=flavor_id).status == 202
    assert write(gateway, "DELETE", f"/{flavor_id}/os-extra_specs/a:b").status == 200
    assert write(gateway, "DELETE", f"/{flavor_id}/os-extra_specs/a:b").status == 404
    removal = {"removeTenantAccess": {"tenant": project_id}}
    assert write(gateway, "POST", f"/{flavor_id}/action", removal).status == 200
    assert write(gateway, "DELETE", f"/{flavor_id}").status == 202
    assert held(gateway, flavor_id) == [None] * 3
    assert write(gateway, "DELETE", f"/{flavor_id}").status == 404


@pytest.mark.parametrize("method", ["POST"])
def test_members_are_refused_as_nova_refuses_them(gateway: Gateway, method: str) -> None:
    refused = gateway.call(method, "/v2.1/flavors", {"flavor": BIG})

    assert refused.status == 403
    assert refused.body["forbidden"]["message"] == (
        "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed."
    )


def test_a_write_that_a_pod_misses_is_shown_until_a_repeat_does_the_rest(gateway: Gateway) -> None:
    asked = {"flavor": BIG}
    gateway.cloud.pod("Pod2").kill()

    missed = write(gateway, "POST", "", asked)

    assert missed.status == 503
    assert "done in az1, az2" in missed.body["serviceUnavailable"]["message"]
    (left,) = health(gateway)["unfinished_writes"]
    assert (left["call"], "Pod2" in left["problem"]) == ("POST /flavors", True)
    gateway.cloud.pod("Pod2").start()
    again = write(gateway, "POST", "", asked)
    assert again.status == 200
    assert all(held(gateway, again.body["flavor"]["id"]))
    assert health(gateway)["unfinished_writes"] == []


def test_two_sizes_of_a_flavor_are_told_and_refused_in_the_zone_that_differs(gateway: Gateway) -> None:
    gateway.cloud.pod("Pod3").nova.flavors["1"].ram_mb = 4096
    gateway.refresh()

    assert gateway.create(availability_zone="az1").status == 202
    refused = gateway.create(availability_zone="az2")

    assert (refused.status, "another size" in refused.body["conflictingRequest"]["message"]) == (409, True)
    (difference,) = health(gateway)["flavor_differences"]
    assert (difference["flavor_id"], difference["respect"]) == ("1", "size")
    assert [value["pod_names"] for value in difference["pods"]] == [["Pod1", "Pod2"], ["Pod3"]]
    assert health(gateway)["status"] == "degraded"
