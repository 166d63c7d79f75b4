"""A pod with a Keystone of its own: no caller's token gets there, and no two projects meet there."""

import json
from dataclasses import replace

import pytest
import requests
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.settings import Settings
from local.standin.cloud import DemoCloud
from local.standin.plan import DemoPod
from tests.journeys.conftest import BASE, IMAGE, Gateway

ELSEWHERE = DemoPod("RegionOne", "az9", pod_az_name="nova")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzpDrHwWBHIRCVKPZNVxPvPaBrJz4Bqkn1kLhJz0Uhx"


def user_of(cloud, name, project, *roles):
    """A user of a cloud, as a credential."""
    cloud.keystone.add_user(name, f"{name}-pass", project, *roles)
    return {"auth_url": cloud.auth_url, "username": name, "password": f"{name}-pass", "project_name": project}


class Hybrid:
    """A gateway with a pod of its own cloud, and one of another cloud."""

    def __init__(self, home: DemoCloud, far: DemoCloud) -> None:
        self.home, self.far = home, far
        self.secrets = {
            "TRIO2O_CREDENTIAL_DEMO": user_of(home, "trio2o", "service", "admin", "service"),
            "TRIO2O_CREDENTIAL_FAR": user_of(far, "far-service", "service", "admin", "service"),
            "TRIO2O_CREDENTIAL_PROJECTS_ALPHA": user_of(far, "alpha-there", "alpha-inside", "member"),
            "TRIO2O_CREDENTIAL_PROJECTS_BETA": user_of(far, "beta-there", "beta-inside", "member"),
            "TRIO2O_CREDENTIAL_PROJECTS_OPS": user_of(far, "ops-there", "ops-inside", "admin"),
        }
        self.environment = {name: json.dumps(value) for name, value in self.secrets.items()}
        self.settings = replace(
            Settings(),
            auth_url=home.auth_url,
            public_url=BASE,
            allow_http=True,
            roster_cache_seconds=0.0,
            snapshot_cache_seconds=0.0,
            environment=self.environment,
        )
        self.stores = wiring.in_memory(self.settings)
        wiring.use(wiring.build_services(self.stores, self.settings), self.settings)

    def gateway(self, http) -> Gateway:
        self.at = Gateway(self.home, self.stores, http)
        self.at.register(DemoPod("Pod1", "az1"))
        self.pod = self.at.register(
            ELSEWHERE,
            pod_name="Elsewhere",
            region_name="RegionOne",
            auth_url=self.far.auth_url,
            credential_ref="far",
        )
        self.at.refresh()
        return self.at

    def let_in(self, project, ref=""):
        path = f"/v1.0/pods/{self.pod.pod_id}/projects/{self.at.project_id(project)}"
        return self.at.call("PUT", path, {"project": {"credential_ref": ref or project}}, user="admin")

    def inside(self, name):
        return self.far.keystone.find_project(name).id


@pytest.fixture
def hybrid():
    with (
        DemoCloud([DemoPod("Pod1", "az1")], build_seconds=0.0, action_seconds=0.0) as home,
        DemoCloud([ELSEWHERE], build_seconds=0.0, action_seconds=0.0) as far,
    ):
        world = Hybrid(home, far)
        try:
            with Client(app) as http:
                world.gateway(http)
                yield world
        finally:
            wiring.use(None)


def test_a_project_without_a_credential_is_not_let_in_and_learns_nothing(hybrid):
    refused = hybrid.at.create(availability_zone="az9")

    assert refused.status == 403
    assert hybrid.at.call("GET", "/v2.1/servers/detail").body["servers"] == []
    assert hybrid.at.create(availability_zone="az1").status == 202
    assert hybrid.at.create().status == 202


def test_a_server_lives_there_and_is_the_projects_own(hybrid):
    assert hybrid.let_in("alpha").status == 200

    made = hybrid.at.create("there", availability_zone="az9")
    assert made.status == 202, made.body
    server_id = made.body["server"]["id"]
    (pod,) = hybrid.far.pods.values()
    assert [server.project_id for server in pod.servers()] == [hybrid.inside("alpha-inside")]

    (row,) = hybrid.at.call("GET", "/v2.1/servers/detail").body["servers"]
    assert (row["id"], row["tenant_id"]) == (server_id, hybrid.at.project_id("alpha"))
    shown = hybrid.at.call("GET", f"/v2.1/servers/{server_id}").body["server"]
    assert (shown["tenant_id"], shown["OS-EXT-AZ:availability_zone"]) == (row["tenant_id"], "az9")
    assert hybrid.inside("alpha-inside") not in json.dumps([row, shown])
    assert hybrid.at.call("DELETE", f"/v2.1/servers/{server_id}").status == 204


def test_two_projects_never_meet(hybrid):
    for project in ("alpha", "beta"):
        assert hybrid.let_in(project).status == 200
    server_id = hybrid.at.create("alphas", availability_zone="az9").body["server"]["id"]

    assert hybrid.at.call("GET", f"/v2.1/servers/{server_id}", user="beta").status == 404
    assert hybrid.at.create("betas", user="beta", availability_zone="az9").status == 202
    for user, name in (("alpha", "alphas"), ("beta", "betas")):
        rows = hybrid.at.call("GET", "/v2.1/servers/detail", user=user).body["servers"]
        assert [(row["name"], row["tenant_id"]) for row in rows] == [(name, hybrid.at.project_id(user))]

    assert hybrid.let_in("beta", "alpha").status == 409


def test_a_secret_that_was_exchanged_for_another_projects_opens_nothing(hybrid):
    assert hybrid.let_in("alpha").status == 200
    hybrid.environment["TRIO2O_CREDENTIAL_PROJECTS_ALPHA"] = json.dumps(
        hybrid.secrets["TRIO2O_CREDENTIAL_PROJECTS_BETA"]
    )

    refused = hybrid.at.create(availability_zone="az9")
    assert refused.status == 503
    assert "credential" not in json.dumps(refused.body)
    (pod,) = hybrid.far.pods.values()
    assert pod.servers() == []


def test_an_admins_credential_serves_no_member(hybrid):
    assert hybrid.let_in("alpha", "ops").body["warnings"]

    assert hybrid.at.create(availability_zone="az9").status == 503


def test_the_credential_that_fails_costs_its_own_project_an_answer_and_nobody_else(hybrid):
    for project in ("alpha", "beta"):
        assert hybrid.let_in(project).status == 200
    assert hybrid.at.create("old", availability_zone="az9").status == 202
    hybrid.environment["TRIO2O_CREDENTIAL_PROJECTS_ALPHA"] = json.dumps(
        {**hybrid.secrets["TRIO2O_CREDENTIAL_PROJECTS_ALPHA"], "password": "wrong"}
    )

    for _ in range(6):
        assert hybrid.at.create(availability_zone="az9").status == 503
    listed = hybrid.at.call("GET", "/v2.1/servers")
    assert (listed.status, listed.headers["x-trio2o-partial"]) == (200, "az9")
    assert [row["name"] for row in listed.body["servers"]] == ["old"]
    assert hybrid.at.create(user="beta", availability_zone="az9").status == 202


def test_a_token_that_the_pod_refuses_is_renewed_and_no_client_sees_that_401(hybrid):
    assert hybrid.let_in("alpha").status == 200
    server_id = hybrid.at.create(availability_zone="az9").body["server"]["id"]
    for token_id in list(hybrid.far.keystone._tokens):
        hybrid.far.keystone.revoke(token_id)

    assert hybrid.at.call("GET", f"/v2.1/servers/{server_id}").status == 200


def test_no_callers_token_is_ever_sent_there(hybrid, monkeypatch):
    seen = set()
    read = hybrid.far.keystone.read
    monkeypatch.setattr(hybrid.far.keystone, "read", lambda token_id: seen.add(token_id) or read(token_id))
    hybrid.let_in("alpha")
    hybrid.let_in("admin", "ops")
    token = hybrid.home.token_for("alpha").id
    admins = hybrid.home.token_for("admin").id
    assert hybrid.at.create(availability_zone="az9").status == 202
    for path in ("servers/detail", "flavors", "limits", "os-server-groups", "os-keypairs", "images"):
        hybrid.at.call("GET", f"/v2.1/{path}", X_Auth_Token=token)
        hybrid.at.call("GET", f"/v2.1/{path}", X_Auth_Token=admins)
    for path in ("servers/detail?all_tenants=1", "os-hypervisors/detail", "os-services", "os-aggregates"):
        assert hybrid.at.call("GET", f"/v2.1/{path}", X_Auth_Token=admins).status == 200

    assert seen
    assert not seen & {token, admins}


def test_operators_see_servers_of_all_projects_by_our_ids(hybrid):
    for project, ref in (("alpha", "alpha"), ("admin", "ops")):
        assert hybrid.let_in(project, ref).status == 200
    server_id = hybrid.at.create(availability_zone="az9").body["server"]["id"]

    answer = hybrid.at.call("GET", "/v2.1/servers/detail?all_tenants=1", user="admin")
    assert "x-trio2o-partial" not in answer.headers
    assert [(row["id"], row["tenant_id"]) for row in answer.body["servers"]] == [
        (server_id, hybrid.at.project_id("alpha"))
    ]
    of_alpha = f"/v2.1/servers?all_tenants=1&project_id={hybrid.at.project_id('alpha')}"
    assert len(hybrid.at.call("GET", of_alpha, user="admin").body["servers"]) == 1


def test_two_users_keys_of_one_name_are_two_keys_there(hybrid):
    hybrid.let_in("alpha")
    hybrid.home.keystone.add_user("alice", "alice-pass", "alpha", "member")
    for user, text in (("alpha", KEY), ("alice", KEY.replace("Gzp", "Gza"))):
        body = {"keypair": {"name": "mine", "public_key": f"{text} {user}"}}
        assert hybrid.at.call("POST", "/v2.1/os-keypairs", body, user=user).status == 200
        made = hybrid.at.create(user=user, availability_zone="az9", key_name="mine")
        assert made.status == 202, made.body

    rows = hybrid.at.call("GET", "/v2.1/servers/detail").body["servers"]
    assert [row["key_name"] for row in rows] == ["mine", "mine"]
    (pod,) = hybrid.far.pods.values()
    assert len({server.key_name for server in pod.servers()}) == 2


def test_what_else_is_in_that_cloud_is_not_adopted(hybrid):
    hybrid.let_in("alpha")
    (pod,) = hybrid.far.pods.values()
    for user in ("alpha-there", "beta-there"):
        order = {"server": {"name": user, "flavorRef": "1", "imageRef": IMAGE, "networks": "none"}}
        headers = {
            "X-Auth-Token": hybrid.far.token_for(user).id,
            "Content-Type": "application/json",
            "OpenStack-API-Version": "compute 2.60",
        }
        url = f"{pod.endpoints['compute']}/servers"
        assert requests.post(url, json=order, headers=headers, timeout=9).status_code == 202
    hybrid.at.refresh()

    (location,) = hybrid.stores.locations.of_pod(hybrid.pod.pod_id)
    assert (location.name, location.project_id) == ("alpha-there", hybrid.at.project_id("alpha"))
    assert [row["name"] for row in hybrid.at.call("GET", "/v2.1/servers").body["servers"]] == ["alpha-there"]
