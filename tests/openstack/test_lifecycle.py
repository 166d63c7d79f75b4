"""A server's life, by the unmodified ``openstack`` command through the service catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import NEWEST, Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

VERSION = ("--os-compute-api-version", NEWEST)


@pytest.fixture(scope="module")
def created(fresh: Servers, alpha: Cloud) -> dict[str, Any]:
    words = ("--flavor", fresh.flavor["name"], "--image", fresh.image["name"], "--nic", "none", "--wait")
    server = alpha.cli(*VERSION, "server", "create", *words, "-f", "json", fresh.name())
    fresh.know(alpha, server["id"])
    return dict(server)


def in_command(alpha: Cloud, created: dict[str, Any]) -> dict[str, Any]:
    return dict(alpha.cli(*VERSION, "server", "show", "-f", "json", created["name"]))


def test_the_command_creates_a_server_and_waits_until_it_is_active(created: dict[str, Any]) -> None:
    assert created["status"] == "ACTIVE"


def test_only_the_bound_pod_holds_it(
    created: dict[str, Any], fresh: Servers, operator: AdminApi, alpha: Cloud
) -> None:
    (binding,) = operator.bindings(alpha.project_id)

    assert fresh.holders(created["id"]) == [operator.region_of(binding["pod_id"])]


def test_the_command_lists_it(created: dict[str, Any], alpha: Cloud) -> None:
    rows = {row["ID"]: row for row in alpha.cli("server", "list", "-f", "json")}

    assert rows[created["id"]]["Name"] == created["name"]
    assert rows[created["id"]]["Status"] == "ACTIVE"


def test_it_shows_our_zone_and_not_the_pods(created: dict[str, Any], alpha: Cloud, ground: Site) -> None:
    shown = in_command(alpha, created)

    assert shown["id"] == created["id"]
    assert shown["OS-EXT-AZ:availability_zone"] in ground.zones.values()


def test_it_is_stopped_and_started(created: dict[str, Any], alpha: Cloud) -> None:
    path = f"/v2.1/servers/{created['id']}"
    for verb, status in (("stop", "SHUTOFF"), ("start", "ACTIVE")):
        alpha.cli("server", verb, created["name"])
        until(
            f"{verb} leads to {status}",
            lambda s=status: alpha.ask("GET", path).json()["server"]["status"] == s,
        )


def test_it_is_renamed_tagged_and_described(created: dict[str, Any], alpha: Cloud, fresh: Servers) -> None:
    name = fresh.name()
    words = ("--name", name, "--property", "colour=blue and green", "--tag", "suite")
    alpha.cli(*VERSION, "server", "set", *words, created["name"])
    created["name"] = name

    shown = in_command(alpha, created)

    assert shown["properties"] == {"colour": "blue and green"}
    assert shown["tags"] == ["suite"]


def test_its_past_is_its_pods_own(created: dict[str, Any], alpha: Cloud) -> None:
    events = alpha.cli(*VERSION, "server", "event", "list", "-f", "json", created["id"])

    assert {event["Action"] for event in events} >= {"create", "stop", "start"}


def test_it_is_deleted_everywhere(created: dict[str, Any], alpha: Cloud, fresh: Servers) -> None:
    alpha.cli("server", "delete", "--wait", created["name"])

    assert alpha.ask("GET", f"/v2.1/servers/{created['id']}").status_code == 404
    assert created["id"] not in {row["ID"] for row in alpha.cli("server", "list", "-f", "json")}
    assert fresh.holders(created["id"]) == []
    refused = alpha.command("server", "show", created["name"])
    assert refused.returncode != 0
    assert created["name"] in refused.stderr
