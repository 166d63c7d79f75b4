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
    networks: dict[str, str], fresh: Servers, alpha: Cloud, ground: Site
) -> None:
    order = fresh.order(networks=[{"uuid": each} for each in networks.values()])

    reply = alpha.ask("POST", "/v2.1/servers", order)

    assert reply.status_code == 400
    told = reply.json()["badRequest"]["message"]
    assert all(each in told and ground.zones[region] in told for region, each in networks.items())
    assert not any(region in told for region in ground.regions)


def test_a_server_of_a_snapshot_goes_where_the_snapshot_is(
    bound: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site, undo: ExitStack
) -> None:
    region = ground.regions[1]
    order = {"disk_format": "qcow2", "container_format": "bare", "name": fresh.name()}
    image = alpha.ask_pod(region, "POST", "/v2/images", order, service="image").json()["id"]
    undo.callback(alpha.ask_pod, region, "DELETE", f"/v2/images/{image}", service="image")

    reply = alpha.ask("POST", "/v2.1/servers", fresh.order(imageRef=image))

    # An image without data makes no server, and it is the image's own pod that says so.
    assert reply.status_code == 400, reply.text
    assert "is not active" in reply.json()["badRequest"]["message"]
    (decision,) = operator.last_decisions(alpha.project_id)
    assert (decision["action"], decision["pod_name"]) == ("divert", region)


@pytest.mark.parametrize("place", [0, 1])
def test_an_admins_server_goes_to_the_pod_that_has_the_host(
    place: int, fresh: Servers, admin: Cloud, ground: Site
) -> None:
    region = ground.regions[place]
    rows = admin.ask_pod(region, "GET", "/os-services?binary=nova-compute").json()["services"]
    host = next(row["host"] for row in rows if row["status"] == "enabled" and row["state"] == "up")
    zone = ground.zones[region]

    for asked in ({"availability_zone": f"{zone}:{host}@{region}"}, {"host": f"{host}@{region}"}):
        server = fresh.boot(admin, **asked)

        assert fresh.holders(server["id"]) == [region]
        fresh.delete(server["id"])


def test_a_host_that_nobody_has_is_refused(fresh: Servers, admin: Cloud, alpha: Cloud, ground: Site) -> None:
    zone = ground.zones[ground.regions[0]]
    reply = admin.ask("POST", "/v2.1/servers", fresh.order(host="nowhere"))

    assert (reply.status_code, reply.json()["badRequest"]["message"]) == (
        400,
        "Compute host nowhere could not be found.",
    )
    for asked in ({"host": "nowhere"}, {"availability_zone": f"{zone}:nowhere"}):
        assert alpha.ask("POST", "/v2.1/servers", fresh.order(**asked)).status_code == 403


def test_what_is_elsewhere_can_not_be_attached_and_the_tenant_learns_where_it_is(
    networks: dict[str, str],
    fresh: Servers,
    alpha: Cloud,
    ground: Site,
    undo: ExitStack,
    bound: dict[str, Any],
) -> None:
    here, there = ground.regions[:2]
    server = fresh.boot(alpha)
    assert fresh.holders(server["id"]) == [here]
    port = made(alpha, there, undo, "network", "/v2.0/ports", {"port": {"network_id": networks[there]}})["id"]
    volume = made(alpha, there, undo, "block-storage", "/volumes", {"volume": {"size": 1}})["id"]
    path, nowhere = f"/v2.1/servers/{server['id']}", "00000000-0000-4000-8000-000000000000"

    for part, asked in (
        ("os-interface", {"interfaceAttachment": {"net_id": networks[there]}}),
        ("os-interface", {"interfaceAttachment": {"port_id": port}}),
        ("os-volume_attachments", {"volumeAttachment": {"volumeId": volume}}),
    ):
        reply = alpha.ask("POST", f"{path}/{part}", asked)

        assert reply.status_code == 400, f"{asked}: {reply.status_code} {reply.text}"
        told = reply.json()["badRequest"]["message"]
        assert ground.zones[here] in told
        assert "create a server that names this one" in told
        assert not any(region in told for region in ground.regions)
    lost = alpha.ask("POST", f"{path}/os-volume_attachments", {"volumeAttachment": {"volumeId": nowhere}})
    assert lost.status_code == 404
    fresh.delete(server["id"])


def test_anothers_network_is_as_unknown_as_one_that_never_was(
    networks: dict[str, str], fresh: Servers, beta: Cloud, ground: Site
) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    for network in (networks[ground.regions[1]], nowhere):
        reply = beta.ask("POST", "/v2.1/servers", fresh.order(networks=[{"uuid": network}]))

        assert (reply.status_code, list(reply.json())) == (400, ["badRequest"])
        assert network in reply.json()["badRequest"]["message"]
