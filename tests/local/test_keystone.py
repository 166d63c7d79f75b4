"""The stand-in's Keystone issues and reads tokens as Keystone would."""

from __future__ import annotations

import pytest
import requests

from tests.local.conftest import Client

ALPHA = {"name": "alpha", "domain": {"name": "Default"}, "password": "alpha-pass"}
IN_ALPHA = {"project": {"name": "alpha", "domain": {"id": "default"}}}


def log_in(cloud, identity, scope=None):
    auth = {"identity": identity} if scope is None else {"identity": identity, "scope": scope}
    return requests.post(f"{cloud.auth_url}/auth/tokens", json={"auth": auth}, timeout=10)


def by_password(user):
    return {"methods": ["password"], "password": {"user": user}}


def test_a_password_buys_a_token_with_roles_and_a_catalogue(cloud):
    answer = log_in(cloud, by_password(ALPHA), IN_ALPHA)

    token = answer.json()["token"]
    assert answer.status_code == 201
    assert [role["name"] for role in token["roles"]] == ["member", "reader"]
    assert token["project"]["id"] == cloud.keystone.find_project("alpha").id
    regions = {endpoint["region"] for service in token["catalog"] for endpoint in service["endpoints"]}
    assert regions == {"Pod1", "Pod2"}


@pytest.mark.parametrize("user", [{**ALPHA, "password": "wrong"}, {**ALPHA, "name": "nobody"}])
def test_a_wrong_password_buys_nothing(cloud, user):
    answer = log_in(cloud, by_password(user), IN_ALPHA)

    assert answer.status_code == 401
    assert "Keystone uri=" in answer.headers["WWW-Authenticate"]


def test_a_foreign_project_is_no_scope(cloud):
    scope = {"project": {"name": "beta", "domain": {"id": "default"}}}

    assert log_in(cloud, by_password(ALPHA), scope).status_code == 401


def test_a_token_without_scope_has_no_roles_and_can_be_rescoped(cloud):
    first = log_in(cloud, by_password(ALPHA))
    assert "roles" not in first.json()["token"]

    identity = {"methods": ["token"], "token": {"id": first.headers["X-Subject-Token"]}}
    second = log_in(cloud, identity, IN_ALPHA)

    assert second.json()["token"]["expires_at"] == first.json()["token"]["expires_at"]
    assert second.json()["token"]["project"]["name"] == "alpha"


def test_an_application_credential_carries_its_access_rules(cloud):
    rules = [{"path": "/v2.1/servers", "method": "GET", "service": "compute"}]
    made = cloud.keystone.add_credential("alpha", "alpha", "robot", access_rules=rules)
    identity = {
        "methods": ["application_credential"],
        "application_credential": {"id": made.id, "secret": made.secret},
    }

    token = log_in(cloud, identity).json()["token"]

    assert token["application_credential"]["access_rules"] == rules


def test_a_token_may_ask_about_itself_and_a_service_about_all(cloud):
    alpha, service = cloud.token_for("alpha").id, cloud.token_for("trio2o").id
    client = Client(cloud.auth_url, alpha)

    assert client.get("/auth/tokens", X_Subject_Token=alpha).status_code == 200
    assert client.get("/auth/tokens", X_Subject_Token=service).status_code == 403
    assert Client(cloud.auth_url, service).get("/auth/tokens", X_Subject_Token=alpha).status_code == 200
    assert Client(cloud.auth_url, service).get("/auth/tokens", X_Subject_Token="no").status_code == 404
    assert Client(cloud.auth_url, "no").get("/auth/tokens", X_Subject_Token=alpha).status_code == 401


def test_a_token_ends_when_it_expires_or_is_revoked(cloud, clock, nova):
    alpha = nova("alpha")
    clock.advance(3599)
    assert alpha.get("/servers").status_code == 200
    clock.advance(1)
    assert alpha.get("/servers").status_code == 401

    token = cloud.token_for("alpha").id
    Client(cloud.auth_url, token).ask("DELETE", "/auth/tokens", X_Subject_Token=token)
    assert cloud.keystone.read(token) is None


def test_the_gateway_is_a_region_with_the_first_pods_images(cloud):
    cloud.register_gateway("http://127.0.0.1:8000/")

    assert cloud.catalog.endpoint("Gateway", "compute") == "http://127.0.0.1:8000/v2.1"
    assert cloud.catalog.endpoint("Gateway", "image") == cloud.pod("Pod1").endpoints["image"]
