"""Adoption: a server that a pod had before, or that was made behind our back, is served after a refresh."""

from __future__ import annotations

from typing import Any

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

Row = dict[str, Any]


def made_in_a_pod(fresh: Servers, owner: Cloud, region: str) -> Row:
    """A server that its owner creates at the pod's own endpoint, once it is ACTIVE there."""
    reply = owner.ask_pod(region, "POST", "/servers", fresh.order())
    assert reply.status_code == 202, reply.text
    server_id = fresh.know(owner, reply.json()["server"]["id"])

    def look() -> Row | None:
        server: Row = owner.ask_pod(region, "GET", f"/servers/{server_id}").json()["server"]
        assert server["status"] != "ERROR", server.get("fault")
        return server if server["status"] == "ACTIVE" else None

    return until(f"server {server_id} is ACTIVE in {region}", look) or {}


def test_servers_made_in_the_pods_are_listed_and_shown_and_not_touched(
    fresh: Servers, beta: Cloud, operator: AdminApi, ground: Site
) -> None:
    made = {region: made_in_a_pod(fresh, beta, region) for region in ground.regions}
    for region in ground.regions:
        operator.refresh(region)

    listed = {row["ID"]: row["Name"] for row in beta.cli("server", "list", "-f", "json")}
    for region, server in made.items():
        assert listed[server["id"]] == server["name"]
        shown = beta.cli("server", "show", "-f", "json", server["name"])
        assert (shown["id"], shown["status"]) == (server["id"], "ACTIVE")
        in_pod = beta.ask_pod(region, "GET", f"/servers/{server['id']}").json()["server"]
        assert in_pod == server
    assert operator.bindings(beta.project_id) == []


def test_who_may_not_see_it_still_may_not(
    fresh: Servers, alpha: Cloud, beta: Cloud, operator: AdminApi, ground: Site
) -> None:
    region = ground.regions[-1]
    server = made_in_a_pod(fresh, beta, region)
    operator.refresh(region)

    assert alpha.ask("GET", f"/v2.1/servers/{server['id']}").status_code == 404
    assert server["id"] not in [row["id"] for row in alpha.ask("GET", "/v2.1/servers").json()["servers"]]
