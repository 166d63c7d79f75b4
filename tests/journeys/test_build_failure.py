"""Servers that find no host: their pod is avoided for a while."""

from __future__ import annotations

from chalicelib import wiring
from tests.journeys.conftest import Gateway


def test_a_pod_whose_builds_fail_is_avoided(gateway: Gateway) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])
    gateway.cloud.pod(bound).fill()  # since the last refresh
    failed = gateway.create(availability_zone="az1").body["server"]["id"]
    assert gateway.call("GET", f"/v2.1/servers/{failed}").body["server"]["status"] == "ERROR"
    for _ in range(3):
        gateway.create(availability_zone="az1")

    gateway.cloud.pod(bound).restore()
    assert wiring.services().capacity_refresh.refresh_all().failed_builds == 4
    assert wiring.services().capacity_refresh.refresh_all().failed_builds == 0
    served = gateway.create(availability_zone="az1").body["server"]["id"]

    assert gateway.pod_holding(served) != bound
    (binding,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert "outweighed" in binding["reason"]
