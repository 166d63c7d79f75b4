"""Hybrid: a second OpenStack with a Keystone of its own is one more pod, in which no two projects meet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openstack.connection import Connection

from tests.openstack.cloud import Cloud, config_of
from tests.openstack.conftest import credential_of
from tests.openstack.gateway_process import Gateway
from tests.openstack.site import Site
from tests.openstack.waiting import until

ZONE = "az-hybrid"
NAMES = ("ADMIN", "ALPHA", "BETA")


@dataclass
class Elsewhere:
    """A gateway whose only pod is the second OpenStack, and three users of the first one."""

    users: dict[str, Cloud]
    inside: dict[str, Connection]
    auth_url: str
    pod_id: str = ""

    def operate(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.users["ADMIN"].ask(method, f"/v1.0{path}", body, version="")
        assert reply.status_code < 300, reply.text
        return reply.json() if reply.content else None

    def boot(self, name: str) -> str:
        """A server of a tenant's, once it is ACTIVE."""
        inside = self.inside[name]
        flavor = min(inside.compute.flavors(), key=lambda each: (each.vcpus, each.ram, each.disk))
        image = next(iter(inside.image.images(status="active")))
        order = {"name": name, "flavorRef": flavor.id, "imageRef": image.id, "networks": "none"}
        made = self.users[name].ask("POST", "/v2.1/servers", {"server": {**order, "availability_zone": ZONE}})
        assert made.status_code == 202, made.text
        server_id = str(made.json()["server"]["id"])
        until("the server is ACTIVE", lambda: self.show(name, server_id)["status"] == "ACTIVE")
        return server_id

    def show(self, name: str, server_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.users[name].ask("GET", f"/v2.1/servers/{server_id}").json()["server"]
        return found


@pytest.fixture(scope="module")
def elsewhere(ground: Site, start_gateway: Callable[..., Gateway]) -> Iterator[Elsewhere]:
    if ground.hybrid is None:
        pytest.skip("HYBRID names no clouds.yaml of a second OpenStack")
    clouds = dict(zip(NAMES, (ground.admin, *ground.tenants), strict=False))
    gateway = start_gateway(**_secrets(ground.hybrid, clouds))
    users = {name: Cloud(cloud, ground.clouds, ground.clouds, gateway.url) for name, cloud in clouds.items()}
    inside = {
        name: Connection(config=config_of(ground.hybrid, cloud), compute_api_version="2.90")
        for name, cloud in clouds.items()
    }
    there = credential_of(ground.hybrid, ground.admin)
    world = Elsewhere(users, inside, there["auth_url"])
    pod = {
        "pod_name": "elsewhere",
        "region_name": config_of(ground.hybrid, ground.admin).region_name,
        "auth_url": world.auth_url,
        "az_name": ZONE,
        "credential_ref": "elsewhere",
    }
    world.pod_id = world.operate("POST", "/pods", {"pod": pod})["pod"]["pod_id"]
    assert world.operate("POST", f"/pods/{world.pod_id}/refresh")["refresh"]["refreshed"]
    yield world
    for name in NAMES[1:]:
        for row in users[name].ask("GET", "/v2.1/servers").json()["servers"]:
            users[name].ask("DELETE", f"/v2.1/servers/{row['id']}")


def _secrets(hybrid: Path, clouds: dict[str, str]) -> dict[str, str]:
    """The second OpenStack's users, as the gateway reads them."""
    of_projects = {
        f"TRIO2O_CREDENTIAL_PROJECTS_{name}": json.dumps(credential_of(hybrid, cloud))
        for name, cloud in clouds.items()
    }
    service = credential_of(hybrid, clouds["ADMIN"])
    return {**of_projects, "TRIO2O_CREDENTIAL_ELSEWHERE": json.dumps(service)}


def test_a_project_without_a_credential_is_not_served(elsewhere: Elsewhere) -> None:
    order = {"name": "x", "flavorRef": "1", "imageRef": "", "networks": "none", "availability_zone": ZONE}

    assert elsewhere.users["ALPHA"].ask("POST", "/v2.1/servers", {"server": order}).status_code >= 400
    assert elsewhere.users["ALPHA"].ask("GET", "/v2.1/servers").json() == {"servers": []}


def test_each_project_has_its_own_there_and_two_never_meet(elsewhere: Elsewhere) -> None:
    for name in NAMES[1:]:
        path = f"/pods/{elsewhere.pod_id}/projects/{elsewhere.users[name].project_id}"
        told = elsewhere.operate("PUT", path, {"project": {"credential_ref": name.lower()}})["project"]
        assert told["pod_project_id"] == elsewhere.inside[name].current_project_id
        assert told["pod_project_id"] != elsewhere.users[name].project_id
    crossed = elsewhere.users["ADMIN"].ask(
        "PUT",
        f"/v1.0/pods/{elsewhere.pod_id}/projects/{elsewhere.users['BETA'].project_id}",
        {"project": {"credential_ref": "alpha"}},
        version="",
    )
    assert crossed.status_code == 409

    made = {name: elsewhere.boot(name) for name in NAMES[1:]}

    for name, other in (NAMES[1:], NAMES[:0:-1]):
        user = elsewhere.users[name]
        rows = user.ask("GET", "/v2.1/servers/detail").json()["servers"]
        assert [(row["id"], row["tenant_id"]) for row in rows] == [(made[name], user.project_id)]
        assert user.ask("GET", f"/v2.1/servers/{made[other]}").status_code == 404
        assert user.ask("DELETE", f"/v2.1/servers/{made[other]}").status_code == 404
        really = elsewhere.inside[name].compute.get_server(made[name])
        assert really.project_id == elsewhere.inside[name].current_project_id


def test_a_keypair_and_an_action_work_there(elsewhere: Elsewhere) -> None:
    alpha = elsewhere.users["ALPHA"]
    (server,) = alpha.ask("GET", "/v2.1/servers").json()["servers"]
    path = f"/v2.1/servers/{server['id']}"

    assert alpha.ask("POST", f"{path}/action", {"os-stop": None}).status_code == 202
    until("it is stopped", lambda: elsewhere.show("ALPHA", server["id"])["status"] == "SHUTOFF")
    actions = alpha.ask("GET", f"{path}/os-instance-actions").json()["instanceActions"]
    assert {action["project_id"] for action in actions} == {alpha.project_id}


def test_operators_see_all_of_them_by_a_credential_of_their_own(elsewhere: Elsewhere) -> None:
    admin = elsewhere.users["ADMIN"]
    before = admin.ask("GET", "/v2.1/servers?all_tenants=1")
    assert before.headers.get("X-Trio2o-Partial") == ZONE
    elsewhere.operate(
        "PUT",
        f"/pods/{elsewhere.pod_id}/projects/{admin.project_id}",
        {"project": {"credential_ref": "admin"}},
    )

    def seen() -> Any:
        return admin.ask("GET", "/v2.1/servers/detail?all_tenants=1")

    until("the credential is in force", lambda: "X-Trio2o-Partial" not in seen().headers)
    assert {row["tenant_id"] for row in seen().json()["servers"]} >= {
        elsewhere.users[name].project_id for name in NAMES[1:]
    }


def test_what_is_deleted_is_gone_there(elsewhere: Elsewhere) -> None:
    for name in NAMES[1:]:
        user = elsewhere.users[name]
        (server,) = user.ask("GET", "/v2.1/servers").json()["servers"]
        assert user.ask("DELETE", f"/v2.1/servers/{server['id']}").status_code == 204
        until("it is gone", lambda n=name: not list(elsewhere.inside[n].compute.servers()))
