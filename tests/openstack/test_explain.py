"""Explain: why a server is where it is, for its tenant and for the operator; and a profile's rehearsal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site


@pytest.fixture(scope="module")
def created(fresh: Servers, alpha: Cloud) -> dict[str, Any]:
    """A server, with the id of the request that asked for it."""
    reply = alpha.ask("POST", "/v2.1/servers", fresh.order())
    assert reply.status_code == 202, reply.text
    server = fresh.active(alpha, fresh.know(alpha, reply.json()["server"]["id"]))
    return {**server, "request_id": reply.headers["X-Openstack-Request-Id"]}


def test_the_operator_finds_it_by_server_request_and_project(
    created: dict[str, Any], alpha: Cloud, operator: AdminApi
) -> None:
    queries = (
        f"server_id={created['id']}",
        f"request_id={created['request_id']}",
        f"project_id={alpha.project_id}&limit=1",
    )
    found = [operator.read(f"/decisions?{query}")["decisions"][0]["decision_id"] for query in queries]

    assert len(set(found)) == 1


def test_the_text_names_every_pod_and_its_verdict(
    created: dict[str, Any], operator: AdminApi, admin: Cloud, ground: Site
) -> None:
    path = f"/v1.0/decisions?server_id={created['id']}&format=text"

    told = admin.ask("GET", path, version="").text

    assert all(region in told for region in ground.regions)
    assert "idle_capacity" in told


def test_its_tenant_is_told_and_learns_nothing_of_pods(
    created: dict[str, Any], alpha: Cloud, beta: Cloud, operator: AdminApi, ground: Site
) -> None:
    path = f"/v2.1/servers/{created['id']}/trio2o-decision"

    mine, anothers = alpha.ask("GET", path), beta.ask("GET", path)

    assert mine.status_code == 200
    assert mine.json()["trio2o_decision"]["availability_zone"] in ground.zones.values()
    pods = [name for region, pod in operator.pods.items() for name in (region, pod["pod_id"])]
    assert not [name for name in pods if name in mine.text]
    assert (anothers.status_code, list(anothers.json())) == (404, ["itemNotFound"])


def test_a_profile_is_tried_on_it_before_it_is_switched_on(
    created: dict[str, Any], fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site
) -> None:
    closed = {"bind_watermark": 0.0, "keep_watermark": 0.001}

    tried = operator.do("/profiles/dry-run", {"profile": closed, "project_id": alpha.project_id, "last": 1})

    (difference,) = tried["dry_run"]["differences"]
    assert difference["difference"] == "newly_rejected"
    assert difference["after"]["reason"].endswith(f"{len(ground.regions)} by capacity")
    assert fresh.boot(alpha)  # the rehearsed profile is not in force
