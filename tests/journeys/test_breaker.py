"""A pod that doesn't answer: its circuit opens, creates pass it over, and the refresh closes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.ports import PodClient
from local.standin.script import Trouble
from tests.journeys.conftest import Gateway

FAILURES = 5


def bound_pod(gateway: Gateway) -> str:
    return gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])


def silence(gateway: Gateway, name: str) -> None:
    """Drop tenants' calls to a pod; the refresh's would get through."""
    gateway.cloud.pod(name).script.add(Trouble(path="/servers", reset=True, times=1000))


def lists(gateway: Gateway) -> None:
    for _ in range(FAILURES + 1):
        assert gateway.call("GET", "/v2.1/servers/detail").status in (200, 503)


def open_circuit(gateway: Gateway, name: str) -> None:
    for _ in range(FAILURES):
        assert gateway.create(availability_zone=gateway.pods[name].az_name).status == 504


def posts(gateway: Gateway, name: str) -> int:
    return len(gateway.cloud.pod(name).journal.entries("POST", "/servers$"))


def problems(gateway: Gateway) -> list[str]:
    health = gateway.call("GET", "/v1.0/health", user="admin").body
    return [pod["problem"] for pod in health["health"]["pods"] if pod["problem"]]


def test_creates_pass_over_a_pod_whose_calls_failed_until_a_refresh_gets_through(gateway: Gateway) -> None:
    bound = bound_pod(gateway)
    silence(gateway, bound)
    open_circuit(gateway, bound)
    asked = posts(gateway, bound)

    answer = gateway.create(availability_zone="az1")

    assert answer.status == 202
    assert gateway.pod_holding(answer.body["server"]["id"]) != bound
    assert posts(gateway, bound) == asked
    assert any("didn't answer the last calls" in problem for problem in problems(gateway))
    (binding,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert binding["pod_id"] == gateway.pods[bound].pod_id

    gateway.cloud.pod(bound).recover()
    gateway.refresh()

    assert gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"]) == bound
    assert problems(gateway) == []


@pytest.mark.parametrize("trouble", [{"reset": True}, {"status": 504, "body": b"<html>"}])
def test_one_tenants_lists_that_fail_close_no_pod_to_others(
    gateway: Gateway, trouble: dict[str, Any]
) -> None:
    bound = bound_pod(gateway)
    gateway.cloud.pod(bound).script.add(Trouble(path="/servers/detail", times=1000, **trouble))

    lists(gateway)

    answer = gateway.create(availability_zone="az1")
    assert gateway.pod_holding(answer.body["server"]["id"]) == bound
    assert problems(gateway) == []


class LongCalls:
    """Sends as the client does, but every call to one pod times out that creates no server."""

    def __init__(self, client: PodClient, pod_name: str) -> None:
        self.client, self.pod_name, self.timed_out = client, pod_name, 0

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        if pod.pod_name == self.pod_name and (request.method, request.path) != ("POST", "/servers"):
            self.timed_out += 1
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return self.client.send(pod, request)


def test_whatever_one_tenant_waits_for_in_vain_closes_no_pod_to_others(gateway: Gateway) -> None:
    server_id = gateway.create(availability_zone="az1").body["server"]["id"]
    bound = gateway.pod_holding(server_id)
    long_calls = LongCalls(gateway.stores.client, bound)
    chosen = wiring.settings()
    wiring.use(wiring.build_services(replace(gateway.stores, client=long_calls), chosen), chosen)
    unknown = "6b9d0cbb-6bd4-4f0f-8a4b-6a3e9b6b7d11"
    reboot = {"reboot": {"type": "HARD"}}
    in_vain: list[tuple[str, str, Any, int]] = [
        ("GET", "/v2.1/servers/detail", None, 200),
        ("GET", f"/v2.1/servers/{server_id}", None, 503),
        ("GET", f"/v2.1/servers/{unknown}", None, 503),
        ("GET", f"/v2.1/servers/{server_id}/ips", None, 503),
        ("POST", f"/v2.1/servers/{server_id}/action", reboot, 504),
        ("DELETE", f"/v2.1/servers/{server_id}", None, 504),
    ]

    for _ in range(FAILURES + 1):
        for method, path, body, status in in_vain:
            assert gateway.call(method, path, body).status == status

    assert long_calls.timed_out >= (FAILURES + 1) * len(in_vain)
    answer = gateway.create(availability_zone="az1")
    assert gateway.pod_holding(answer.body["server"]["id"]) == bound
    assert problems(gateway) == []


def test_lists_tell_of_a_pod_to_which_nobody_can_connect(gateway: Gateway) -> None:
    bound = bound_pod(gateway)
    gateway.cloud.pod(bound).kill()

    lists(gateway)

    assert any("didn't answer the last calls" in problem for problem in problems(gateway))


def test_when_the_circuit_is_all_that_stops_a_create_the_client_may_try_again(gateway: Gateway) -> None:
    bound = bound_pod(gateway)
    (other,) = {"Pod1", "Pod2"} - {bound}
    silence(gateway, bound)
    open_circuit(gateway, bound)
    gateway.cloud.pod(other).fill()
    gateway.refresh_only(other)

    answer = gateway.create(availability_zone="az1")

    assert (answer.status, list(answer.body)) == (503, ["serviceUnavailable"])
    assert answer.headers["retry-after"]
    assert bound not in str(answer.body)


def test_the_only_pod_of_a_zone_is_always_tried(gateway: Gateway) -> None:
    gateway.create(availability_zone="az2")
    silence(gateway, "Pod3")
    open_circuit(gateway, "Pod3")
    gateway.cloud.pod("Pod3").recover()

    assert gateway.create(availability_zone="az2").status == 202


def test_a_pod_out_of_reach_for_rebind_after_seconds_loses_its_bindings(gateway: Gateway) -> None:
    bound = bound_pod(gateway)
    gateway.cloud.pod(bound).kill()
    gateway.create(availability_zone="az1")
    (stays,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert (stays["pod_id"], stays["generation"]) == (gateway.pods[bound].pod_id, 1)

    since = datetime.now(UTC) - timedelta(seconds=301)
    gateway.stores.capacities.delete(gateway.pods[bound].pod_id)  # that report is newer than ``since``
    for at in (since, datetime.now(UTC)):
        gateway.stores.capacities.failed(gateway.pods[bound].pod_id, at, "timed out")
    wiring.services().servers.snapshots.rebuild()  # as the refresh does once it noted what failed
    gateway.create(availability_zone="az1")

    (moved,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert (moved["pod_id"] != gateway.pods[bound].pod_id, moved["generation"]) == (True, 2)
    assert "out of reach for 30" in moved["reason"]
