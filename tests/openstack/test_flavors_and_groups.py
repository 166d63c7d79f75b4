"""Flavors in every pod, server groups in one, several servers of one create, and the ids of requests."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import NO_NETWORK, Servers
from tests.openstack.site import Site

JSON = ("-f", "json")


@pytest.fixture(scope="module")
def flavor_id(fresh: Servers, admin: Cloud, undo: ExitStack) -> str:
    """A private flavor that the real client made, as the smallest one is."""
    like = fresh.flavor
    sizes = ("--ram", str(like["ram"]), "--disk", str(like["disk"]), "--vcpus", str(like["vcpus"]))
    made = admin.cli("flavor", "create", *JSON, "--private", *sizes, fresh.name())
    undo.callback(admin.command, "flavor", "delete", made["id"])
    return made["id"]


def in_pods(ground: Site, admin: Cloud, flavor_id: str) -> list[int]:
    return [admin.ask_pod(region, "GET", f"/flavors/{flavor_id}").status_code for region in ground.regions]


def test_a_flavor_is_made_and_changed_in_every_pod(
    flavor_id: str, ground: Site, admin: Cloud, operator: AdminApi
) -> None:
    admin.cli("flavor", "set", "--property", "suite:k=v", "--description", "made by the suite", flavor_id)

    assert set(in_pods(ground, admin, flavor_id)) == {200}
    for region in ground.regions:
        shown = admin.ask_pod(region, "GET", f"/flavors/{flavor_id}").json()["flavor"]
        assert (shown["extra_specs"], shown["description"]) == ({"suite:k": "v"}, "made by the suite")
    admin.cli("flavor", "unset", "--property", "suite:k", flavor_id)
    assert admin.cli("flavor", "show", *JSON, flavor_id)["properties"] == {}
    assert operator.read("/health")["health"]["unfinished_writes"] == []


def test_a_private_flavor_is_for_those_who_got_access(flavor_id: str, admin: Cloud, alpha: Cloud) -> None:
    assert alpha.command("flavor", "show", flavor_id).returncode != 0
    admin.cli("flavor", "set", "--project", alpha.project_id, flavor_id)

    assert flavor_id in {row["ID"] for row in admin.cli("flavor", "list", *JSON, "--all")}
    assert alpha.cli("flavor", "show", *JSON, flavor_id)["id"] == flavor_id
    admin.cli("flavor", "unset", "--project", alpha.project_id, flavor_id)
    assert alpha.command("flavor", "show", flavor_id).returncode != 0


def test_a_flavor_that_one_pod_lost_is_made_whole_by_the_same_call(
    fresh: Servers, ground: Site, admin: Cloud, undo: ExitStack
) -> None:
    order = {"flavor": {"id": fresh.name(), "name": fresh.name(), "ram": 64, "vcpus": 1, "disk": 0}}
    path = f"/v2.1/flavors/{order['flavor']['id']}"
    assert admin.ask("POST", "/v2.1/flavors", order).status_code == 200
    undo.callback(admin.ask, "DELETE", path)
    assert admin.ask("POST", "/v2.1/flavors", order).status_code == 409

    assert admin.ask_pod(ground.regions[-1], "DELETE", path.removeprefix("/v2.1")).status_code == 202
    assert admin.ask("POST", "/v2.1/flavors", order).status_code == 200

    assert set(in_pods(ground, admin, str(order["flavor"]["id"]))) == {200}
    assert admin.ask("DELETE", path).status_code == 202
    assert set(in_pods(ground, admin, str(order["flavor"]["id"]))) == {404}


def test_a_servers_group_says_where_it_goes(
    fresh: Servers, ground: Site, alpha: Cloud, beta: Cloud, undo: ExitStack
) -> None:
    group = alpha.cli("server", "group", "create", *JSON, "--policy", "soft-anti-affinity", fresh.name())
    undo.callback(alpha.command, "server", "group", "delete", group["id"])

    server = fresh.boot_by_command(alpha, "--hint", f"group={group['id']}")

    assert alpha.cli("server", "group", "show", *JSON, group["id"])["members"] == [server["id"]]
    assert [row["ID"] for row in alpha.cli("server", "group", "list", *JSON)] == [group["id"]]
    assert beta.command("server", "group", "show", group["id"]).returncode != 0
    (holder,) = fresh.holders(server["id"])
    there = alpha.ask_pod(holder, "GET", f"/os-server-groups/{group['id']}").json()["server_group"]
    assert there["members"] == [server["id"]]


def test_the_id_of_a_create_is_that_of_its_event_and_finds_the_decision(
    fresh: Servers, alpha: Cloud, operator: AdminApi
) -> None:
    reply = alpha.ask("POST", "/v2.1/servers", fresh.order())
    server = fresh.active(alpha, fresh.know(alpha, reply.json()["server"]["id"]))
    pods, ours = reply.headers["X-Openstack-Request-Id"], reply.headers["X-Trio2o-Request-Id"]

    (event,) = alpha.cli("server", "event", "list", *JSON, server["id"])

    assert (event["Action"], event["Request ID"]) == ("create", pods)
    assert pods != ours
    for request_id in (pods, ours):
        assert len(operator.read(f"/decisions?request_id={request_id}")["decisions"]) == 1
        asked = alpha.ask("GET", f"/v2.1/trio2o-decisions?request_id={request_id}")
        assert len(asked.json()["trio2o_decisions"]) == 1


def test_several_servers_are_of_one_decision_in_one_pod(
    fresh: Servers, alpha: Cloud, operator: AdminApi
) -> None:
    order = fresh.order(min_count=2, max_count=2, return_reservation_id=True)

    reply = alpha.ask("POST", "/v2.1/servers", order)

    assert reply.status_code == 202, reply.text
    of_it = f"/v2.1/servers?reservation_id={reply.json()['reservation_id']}"
    servers = alpha.ask("GET", of_it).json()["servers"]
    assert {server["name"] for server in servers} == {f"{order['server']['name']}-{n}" for n in (1, 2)}
    held = {tuple(fresh.holders(fresh.know(alpha, server["id"]))) for server in servers}
    assert len(held) == 1
    decisions = [operator.read(f"/decisions?server_id={server['id']}")["decisions"] for server in servers]
    assert decisions[0] == decisions[1]


def test_the_client_makes_several_at_once(fresh: Servers, alpha: Cloud) -> None:
    name = fresh.name()
    basics = ("--flavor", fresh.flavor["id"], "--image", fresh.image["id"], "--nic", NO_NETWORK)

    alpha.cli("server", "create", *JSON, *basics, "--min", "2", "--max", "2", name)

    made = alpha.cli("server", "list", *JSON, "--name", f"^{name}-")
    assert {row["Name"] for row in made} == {f"{name}-1", f"{name}-2"}
    for row in made:
        fresh.active(alpha, fresh.know(alpha, row["ID"]))
