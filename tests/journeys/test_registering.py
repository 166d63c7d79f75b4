"""An operator mistypes a pod, and mends it, by HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import demo
from tests.adapters.openstack.http_pod import Handler, http_pod
from tests.journeys.conftest import Answer, Gateway

NEW = {"pod_name": "Pod5", "az_name": "az3", "credential_ref": "demo"}
DEAD = "http://127.0.0.1:1/v2.1"


@pytest.fixture
def gateway(gateway: Gateway) -> Gateway:
    """The gateway beside a fourth pod that isn't registered, and a region without compute."""
    (plan,) = [plan for plan in demo.PODS if plan.name == NEW["pod_name"]]
    gateway.cloud.add_pod(plan)
    gateway.cloud.catalog.add_region("Images", {"image": "http://127.0.0.1:1/image"})
    return gateway


def register(gateway: Gateway, **said: Any) -> Answer:
    return gateway.call("POST", "/v1.0/pods", {"pod": {**NEW, **said}}, user="admin")


def change(gateway: Gateway, pod: dict[str, Any], **said: Any) -> Answer:
    body = {"pod": {"generation": pod["generation"], **said}}
    return gateway.call("PUT", f"/v1.0/pods/{pod['pod_id']}", body, user="admin")


MISTYPED = [
    ({"pod_name": "Pod55"}, "pod_name", "no region Pod55; there are Images, Pod1, Pod2, Pod3, Pod5;"),
    ({"pod_name": "Pod55", "credential_ref": ""}, "pod_name", "there are Images, Pod1, Pod2, Pod3, Pod5;"),
    ({"pod_name": "Images"}, "endpoints.compute", "the region Images has no compute endpoint"),
    ({"credential_ref": "dem"}, "credential_ref", "there is no service credential dem"),
    ({"endpoints": {"compute": DEAD}}, "endpoints.compute", "doesn't answer"),
]


@pytest.mark.parametrize(("wrong", "field", "words"), MISTYPED)
def test_a_mistyped_pod_is_refused_by_force_disabled_and_mended(
    gateway: Gateway, wrong: dict[str, Any], field: str, words: str
) -> None:
    refused = register(gateway, **wrong)
    assert (refused.status, refused.body["error"]["field"]) == (409, field)
    assert words in refused.body["error"]["message"]

    forced = register(gateway, **wrong, force=True)
    pod = forced.body["pod"]
    assert (forced.status, pod["state"], pod["proven"]) == (200, "disabled", False)
    assert words.rstrip(";") in forced.body["warnings"][0]

    # It takes nothing, and nobody's answer lacks anything for it.
    assert gateway.create(availability_zone="az3").status == 409
    server_id = gateway.create().body["server"]["id"]
    for path in ("/v2.1/servers", "/v2.1/servers?all_tenants=1", "/v2.1/flavors"):
        listed = gateway.call("GET", path, user="admin")
        assert (listed.status, "x-trio2o-partial" in listed.headers) == (200, False)
    assert gateway.call("GET", f"/v2.1/servers/{server_id}").status == 200
    again = change(gateway, pod, state="enabled")
    assert (again.status, again.body["error"]["field"]) == (409, field)

    mended = change(gateway, pod, **{name: NEW.get(name, {}) for name in wrong}, state="enabled")
    assert (mended.status, mended.body["pod"]["state"]) == (200, "enabled"), mended.body
    assert (mended.body["pod"]["proven"], "warnings" in mended.body) == (True, False)
    created = gateway.create(availability_zone="az3")
    assert gateway.pod_holding(created.body["server"]["id"]) == "Pod5"


def test_a_pod_that_was_down_is_proven_by_the_refresh_and_enabled_by_the_operator(gateway: Gateway) -> None:
    gateway.cloud.pod("Pod5").kill()
    pod = register(gateway, force=True).body["pod"]
    gateway.refresh()
    assert not gateway.call("GET", f"/v1.0/pods/{pod['pod_id']}", user="admin").body["pod"]["proven"]

    gateway.cloud.pod("Pod5").start()
    gateway.refresh()
    seen = gateway.call("GET", f"/v1.0/pods/{pod['pod_id']}", user="admin").body["pod"]
    assert (seen["proven"], seen["state"]) == (True, "disabled")
    assert gateway.create(availability_zone="az3").status == 409

    assert change(gateway, pod, state="enabled").status == 200
    assert gateway.create(availability_zone="az3").status == 202


def test_a_pod_without_a_credential_takes_servers_when_it_knows_the_operator(gateway: Gateway) -> None:
    registered = register(gateway, credential_ref="")

    assert registered.body["warnings"] == ["no service credential, so no capacity reports"]
    assert registered.body["pod"]["proven"]
    assert gateway.create(availability_zone="az3").status == 202


def test_a_wrong_address_of_a_pod_in_service_is_refused_and_changes_nothing(gateway: Gateway) -> None:
    pod = register(gateway).body["pod"]

    for wrong, field, _ in MISTYPED[2:]:
        answer = change(gateway, pod, **wrong)
        assert (answer.status, answer.body["error"]["field"]) == (409, field)
    assert gateway.create(availability_zone="az3").status == 202


def test_the_gateways_own_region_is_no_pod(gateway: Gateway) -> None:
    """A pod that is the gateway would make each list ask itself, and that list itself again."""

    def as_the_gateway(handler: Handler) -> None:
        named = dict(handler.headers.items())
        reply = gateway.http.http.request(handler.command, handler.path, headers=named, body=b"")
        handler.reply(reply.status_code, json.loads(reply.body), X_Openstack_Request_Id="req-1")

    with http_pod(as_the_gateway) as itself:
        gateway.cloud.catalog.add_region("Gateway", {"compute": f"{itself.url}/v2.1"})
        refused = register(gateway, pod_name="Gateway")
        assert (refused.status, refused.body["error"]["field"]) == (409, "endpoints.compute")
        assert "Gateway is a Trio2o gateway itself, and no pod" in refused.body["error"]["message"]

        forced = register(gateway, pod_name="Gateway", force=True).body["pod"]
        gateway.refresh()
        pod = gateway.call("GET", f"/v1.0/pods/{forced['pod_id']}", user="admin").body["pod"]
        assert (pod["state"], pod["proven"]) == ("disabled", False)


def test_what_a_gateway_sent_on_is_refused_so_that_no_endpoint_leads_in_a_circle(gateway: Gateway) -> None:
    asked = gateway.call("GET", "/v2.1/servers", X_Trio2o_Sent_On="yes")

    assert (asked.status, asked.body["computeFault"]["code"]) == (508, 508)
