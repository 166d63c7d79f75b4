"""Locality: a server goes to the pod whose Neutron, Cinder or Nova has what the create names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

Make = Callable[[str, ExitStack], str]


def made(
    alpha: Cloud, region: str, undo: ExitStack, service: str, path: str, body: dict[str, Any]
) -> dict[str, Any]:
    """Make a resource of the tenant's in a pod, without the gateway; it is deleted when the scenario ends."""
    reply = alpha.ask_pod(region, "POST", path, body, service=service)
    assert reply.status_code in (200, 201, 202), f"{path} in {region}: {reply.status_code} {reply.text}"
    ((noun, row),) = reply.json().items()
    undo.callback(
        alpha.ask_pod, region, "DELETE", f"{path}/{row['id']}", service=service
    )  # what is in use then can't be deleted and may stay behind
    return {"noun": noun, **row}


@pytest.fixture(scope="module")
def networks(fresh: Servers, alpha: Cloud, ground: Site, undo: ExitStack) -> dict[str, str]:
    """A network with a subnet in each pod, by region."""
    ids = {}
    for region in ground.regions:
        order = {"network": {"name": fresh.name(), "port_security_enabled": False}}
        ids[region] = made(alpha, region, undo, "network", "/v2.0/networks", order)["id"]
        subnet = {"subnet": {"network_id": ids[region], "ip_version": 4, "cidr": "10.77.0.0/24"}}
        made(alpha, region, undo, "network", "/v2.0/subnets", subnet)
    return ids


@pytest.fixture
def bound(fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site) -> dict[str, Any]:
    """The binding of the project, which is to the first pod."""
    return operator.bind(alpha.project_id, ground.regions[0])


def boots_in(
    region: str, fresh: Servers, alpha: Cloud, operator: AdminApi, bound: dict[str, Any], **asked: Any
) -> None:
    """Check that a new server comes to this pod and that the binding stays as it is."""
    server = fresh.boot(alpha, **asked)

    assert fresh.holders(server["id"]) == [region]
    assert operator.bindings(alpha.project_id) == [bound]
    fresh.delete(server["id"])


@pytest.mark.parametrize("place", [0, 1])
def test_a_server_goes_where_its_network_is(
    place: int,
    networks: dict[str, str],
    bound: dict[str, Any],
    fresh: Servers,
    alpha: Cloud,
    operator: AdminApi,
    ground: Site,
) -> None:
    region = ground.regions[place]

    boots_in(region, fresh, alpha, operator, bound, networks=[{"uuid": networks[region]}])


def test_a_server_goes_where_its_port_is_and_the_decision_says_so(
    networks: dict[str, str],
    bound: dict[str, Any],
    fresh: Servers,
    alpha: Cloud,
    operator: AdminApi,
    ground: Site,
) -> None:
    region = ground.regions[1]
    with ExitStack() as undo:
        order = {"port": {"network_id": networks[region]}}
        port = made(alpha, region, undo, "network", "/v2.0/ports", order)["id"]

        boots_in(region, fresh, alpha, operator, bound, networks=[{"port": port}])

    (decision,) = operator.last_decisions(alpha.project_id)
    (rejected,) = decision["rejected"]
    assert decision["action"] == "divert"
    assert [rejection["filter"] for rejection in rejected["rejections"]] == ["locality"]
    assert port in rejected["rejections"][0]["sentence"]


def test_a_server_goes_where_its_volume_is(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site, undo: ExitStack
) -> None:
    region = ground.regions[1]
    order = {"volume": {"size": 1, "name": fresh.name(), "imageRef": fresh.image["id"]}}
    volume = made(alpha, region, undo, "block-storage", "/volumes", order)["id"]

    def status() -> str:
        shown = alpha.ask_pod(region, "GET", f"/volumes/{volume}", service="block-storage")
        assert shown.json()["volume"]["status"] != "error"
        return str(shown.json()["volume"]["status"])

    until("the volume is available", lambda: status() == "available")
    disk = {"uuid": volume, "source_type": "volume", "destination_type": "volume", "boot_index": 0}

    boots_in(region, fresh, alpha, operator, bound, imageRef="", block_device_mapping_v2=[disk])


def test_a_server_goes_where_its_group_is(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site, undo: ExitStack
) -> None:
    region = ground.regions[1]
    order = {"server_group": {"name": fresh.name(), "policy": "soft-anti-affinity"}}
    group = made(alpha, region, undo, "compute", "/os-server-groups", order)["id"]
    hinted = {**fresh.order(), "os:scheduler_hints": {"group": group}}

    reply = alpha.ask("POST", "/v2.1/servers", hinted)

    assert reply.status_code == 202, reply.text
    server = fresh.active(alpha, fresh.know(alpha, reply.json()["server"]["id"]))
    assert fresh.holders(server["id"]) == [region]
    assert operator.bindings(alpha.project_id) == [bound]
    fresh.delete(server["id"])


def test_what_is_in_two_pods_can_not_be_had_together(
    networks: dict[str, str], fresh: Servers, alpha: Cloud
) -> None:
    order = fresh.order(networks=[{"uuid": each} for each in networks.values()])

    reply = alpha.ask("POST", "/v2.1/servers", order)

    assert reply.status_code == 409
    assert "by locality" in reply.json()["conflictingRequest"]["message"]


def test_anothers_network_is_as_unknown_as_one_that_never_was(
    networks: dict[str, str], fresh: Servers, beta: Cloud, ground: Site
) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    for network in (networks[ground.regions[1]], nowhere):
        reply = beta.ask("POST", "/v2.1/servers", fresh.order(networks=[{"uuid": network}]))

        assert (reply.status_code, list(reply.json())) == (400, ["badRequest"])
        assert network in reply.json()["badRequest"]["message"]
