"""Tenants: none sees or changes another's servers; a reader changes nothing; the admin sees all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers

Owned = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def owned(fresh: Servers, alpha: Cloud, beta: Cloud) -> Owned:
    """One server of each tenant."""
    return {"alpha": fresh.boot(alpha), "beta": fresh.boot(beta)}


def listed_by(cloud: Cloud, *words: str) -> set[str]:
    return {row["ID"] for row in cloud.cli("server", "list", *words, "-f", "json")}


def test_each_tenant_lists_its_own(owned: Owned, alpha: Cloud, beta: Cloud) -> None:
    assert listed_by(alpha) == {owned["alpha"]["id"]}
    assert listed_by(beta) == {owned["beta"]["id"]}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_anothers_server_is_not_there(method: str, owned: Owned, alpha: Cloud, beta: Cloud) -> None:
    path = f"/v2.1/servers/{owned['alpha']['id']}"

    refused = beta.ask(method, path)

    assert refused.status_code == 404
    assert refused.json()["itemNotFound"]["message"] == f"Instance {owned['alpha']['id']} could not be found."
    assert alpha.ask("GET", path).json()["server"]["status"] == "ACTIVE"


def test_anothers_server_takes_no_action(owned: Owned, alpha: Cloud, beta: Cloud) -> None:
    path = f"/v2.1/servers/{owned['alpha']['id']}"

    assert beta.ask("POST", f"{path}/action", {"os-stop": None}).status_code == 404
    assert beta.ask("PUT", f"{path}/metadata/mine", {"meta": {"mine": "now"}}).status_code == 404
    assert alpha.ask("GET", path).json()["server"]["metadata"] == {}


def test_anothers_project_in_the_path_is_400(alpha: Cloud, beta: Cloud) -> None:
    reply = beta.ask("GET", f"/v2.1/{alpha.project_id}/servers")

    assert reply.status_code == 400
    assert beta.ask("GET", f"/v2.1/{beta.project_id}/servers").status_code == 200


def test_the_admin_sees_all_projects(owned: Owned, admin: Cloud) -> None:
    assert listed_by(admin, "--all-projects") >= {server["id"] for server in owned.values()}


def test_a_tenant_who_asks_for_all_projects_is_refused_or_sees_his_own(owned: Owned, beta: Cloud) -> None:
    reply = beta.ask("GET", "/v2.1/servers?all_tenants=1")

    assert owned["alpha"]["id"] not in reply.text


def test_a_reader_reads_and_changes_nothing(owned: Owned, reader: Cloud, fresh: Servers) -> None:
    path = f"/v2.1/servers/{owned['alpha']['id']}"

    assert reader.ask("GET", path).status_code == 200
    assert reader.ask("POST", "/v2.1/servers", fresh.order()).status_code == 403
    assert reader.ask("DELETE", path).status_code == 403
    assert reader.ask("POST", f"{path}/action", {"os-stop": None}).status_code == 403
    assert reader.ask("GET", path).json()["server"]["status"] == "ACTIVE"
