"""Pods that never proved themselves, in every zone: nobody is sent there, and no answer lacks anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib import wiring
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS
from local.standin.ids import named_uuid
from tests.adapters.openstack.http_pod import HttpPod, http_pod
from tests.builders import a_pod
from tests.journeys.conftest import Gateway
from tests.journeys.test_servers import ids_of
from tests.service.desk import OPERATOR

ZONES = ("az1", "az2", "az9")
ID = named_uuid("a server that nobody has")


@pytest.fixture
def mistyped(gateway: Gateway) -> Iterator[HttpPod]:
    """What answers at the mistyped pods' addresses; the test fails if it was asked for anything.

    An earlier version registered them enabled and unproven. They are the oldest pods, the operator prefers
    them, and alpha was placed in each.
    """
    with http_pod(lambda handler: handler.reply(503, "Service Unavailable")) as answering:
        for zone in ZONES:
            pod = a_pod(
                f"mistyped-{zone}",
                zone,
                endpoints=dict.fromkeys(("compute", "network", "volume", "image"), answering.url),
                weight=100.0,
                created_at=gateway.stores.clock() - timedelta(days=900),
                proven=False,
            )
            gateway.stores.pods.create(pod)
            gateway.stores.projects.add(gateway.project_id(), pod.pod_id)
        gateway.refresh()
        yield answering
        assert answering.seen == []


def test_a_create_goes_to_a_proven_pod_in_any_zone_or_none(gateway: Gateway, mistyped: HttpPod) -> None:
    for zone in ({}, {"availability_zone": "az1"}, {"availability_zone": "az2"}):
        assert gateway.create(**zone).status == 202

    answer = gateway.create(availability_zone="az9")
    assert (answer.status, "1 by proven" in str(answer.body)) == (409, True)


def test_under_a_profile_without_any_filter_too(gateway: Gateway, mistyped: HttpPod) -> None:
    profile = {"version": 0, "filters": ["all_pods"], "weighers": {"static_weight": 1.0}, "tie_margin": 0}
    written = gateway.call("PUT", "/v1.0/profiles/default", {"profile": profile}, user="admin")

    assert written.status == 200, written.body
    assert written.body["profile"]["filters"] == ["all_pods", "proven"]
    assert gateway.create().status == 202


@pytest.mark.parametrize(
    "path", ["/v2.1/servers", "/v2.1/servers/detail", "/v2.1/flavors", "/v2.1/flavors/1", "/v2.1/images"]
)
@pytest.mark.parametrize("user", ["alpha", "admin"])
def test_no_list_lacks_anything(gateway: Gateway, mistyped: HttpPod, path: str, user: str) -> None:
    server_id = gateway.create(user=user).body["server"]["id"]

    for query in ("", "?all_tenants=1") if user == "admin" else ("",):
        answer = gateway.call("GET", path + query, user=user)
        assert answer.status == 200
        assert "x-trio2o-partial" not in answer.headers
        assert "servers" not in path or ids_of(answer) == [server_id]


@pytest.mark.parametrize("user", ["alpha", "admin"])
def test_a_server_that_no_pod_has_is_a_404_and_an_unknown_flavor_a_400(
    gateway: Gateway, mistyped: HttpPod, user: str
) -> None:
    assert gateway.call("GET", f"/v2.1/servers/{ID}", user=user).status == 404
    assert gateway.call("GET", "/v2.1/flavors/none", user=user).status == 404
    assert gateway.create(user=user, flavorRef="none").status == 400


def test_a_network_that_no_pod_has_is_a_400(gateway: Gateway, mistyped: HttpPod) -> None:
    assert gateway.create(networks=[{"uuid": ID}]).status == 400


def test_what_is_written_to_every_pod_is_written_to_the_proven_ones(
    gateway: Gateway, mistyped: HttpPod
) -> None:
    request = PodRequest("DELETE", "/flavors/1", token=gateway.cloud.token_for("admin").id)

    assert wiring.services().every_pod.send(OPERATOR, FLAVORS, request).reply.status == 202


def test_zones_and_versions_are_those_of_proven_pods(gateway: Gateway, mistyped: HttpPod) -> None:
    zones = gateway.call("GET", "/v2.1/os-availability-zone").body["availabilityZoneInfo"]

    assert [zone["zoneName"] for zone in zones] == ["az1", "az2"]
    assert gateway.call("GET", "/v2.1", user="").body["version"]["version"] == "2.96"


def test_no_binding_goes_there_by_hand_by_plan_or_in_a_dry_run(gateway: Gateway, mistyped: HttpPod) -> None:
    gateway.create(availability_zone="az1")
    (binding,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    by_hand = {"tenant_id": "a-project", "pod_id": "mistyped-az1", "reason": "pilot"}

    bound = gateway.call("POST", "/v1.0/bindings", {"pod_binding": by_hand}, user="admin")
    moved = gateway.call(
        "POST",
        f"/v1.0/bindings/{binding['id']}/rebind",
        {"pod_id": "mistyped-az1", "reason": "x"},
        user="admin",
    )
    plan = gateway.call("GET", f"/v1.0/pods/{binding['pod_id']}/drain-plan", user="admin").body["drain_plan"]
    asked = {"project_id": "a-project", "flavor_id": "1"}
    tried = gateway.call("POST", "/v1.0/decisions/dry-run", {"decision": asked}, user="admin").body[
        "decision"
    ]

    for refused in (bound, moved):
        assert (refused.status, refused.body["error"]["field"]) == (409, "pod_id")
        assert "has never answered" in refused.body["error"]["message"]
    assert [row["to_pod_name"][:3] for row in plan["bindings"]] == ["Pod"]
    assert (tried["pod_name"][:3], tried["rejected_counts"]["proven"]) == ("Pod", 3)


def test_health_says_which_are_not_proven_and_why(gateway: Gateway, mistyped: HttpPod) -> None:
    health = gateway.call("GET", "/v1.0/health", user="admin").body["health"]

    unproven = [pod for pod in health["pods"] if not pod["proven"]]
    assert [pod["pod_id"] for pod in unproven] == [f"mistyped-{zone}" for zone in ZONES]
    assert {pod["problem"] for pod in unproven} == {
        "isn't proven, and takes nothing: the pod names no service credential"
    }


def test_a_pod_with_servers_that_got_a_wrong_address_keeps_them_in_lists(gateway: Gateway) -> None:
    """It was proven once. To leave it out would tell clients that its servers are gone."""
    server_id = gateway.create(availability_zone="az2").body["server"]["id"]
    held = gateway.stores.pods.get(gateway.pods["Pod3"].pod_id)
    change = {"generation": 1, "endpoints": {"compute": "http://127.0.0.1:1/v2.1"}, "force": True}

    written = gateway.call("PUT", f"/v1.0/pods/{held.pod_id}", {"pod": change}, user="admin")
    listed = gateway.call("GET", "/v2.1/servers/detail")

    assert (written.body["pod"]["proven"], written.body["pod"]["state"]) == (False, "disabled")
    assert [(row["id"], row["status"]) for row in listed.body["servers"]] == [(server_id, "UNKNOWN")]
    assert listed.headers["x-trio2o-partial"] == "az2"
    assert gateway.call("GET", f"/v2.1/servers/{server_id}").status == 503
