"""Keypairs on real pods: one set for each user, imported where a server needs a key, gone everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import until

pytestmark = pytest.mark.usefixtures("operator")

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlr3hSFZxUklShiIZsRe9Nwatn4aXQFlGgQyGdwVCGE suite"
FINGERPRINT = "07:27:26:56:2d:48:bb:e5:04:cb:9a:92:cf:9c:c2:0a"


@pytest.fixture
def names(servers: Servers, alpha: Cloud, ground: Site) -> Iterator[list[str]]:
    """Names for keypairs that nobody else has; no pod keeps a key under one of them."""
    found = [servers.name() for _ in range(2)]
    yield found
    for name in found:
        alpha.ask("DELETE", f"/v2.1/os-keypairs/{name}")
        for region in ground.regions:
            alpha.ask_pod(region, "DELETE", f"/os-keypairs/{name}")


def in_pod(cloud: Cloud, region: str, name: str) -> dict[str, Any] | None:
    """What a pod itself has under a name."""
    reply = cloud.ask_pod(region, "GET", f"/os-keypairs/{name}")
    found: dict[str, Any] = reply.json()["keypair"] if reply.status_code == 200 else {}
    return found or None


def boot_in(region: str, fresh: Servers, operator: AdminApi, owner: Cloud, **asked: Any) -> dict[str, Any]:
    """Boot a server that goes to this pod, since its project is bound there."""
    operator.bind(owner.project_id, region)
    server = fresh.boot(owner, **asked)
    assert fresh.holders(server["id"]) == [region]
    return server


def test_the_command_line_makes_lists_shows_and_deletes(
    alpha: Cloud, names: list[str], tmp_path: Path
) -> None:
    name, public = names[0], tmp_path / "key.pub"
    public.write_text(KEY)

    made = alpha.cli("keypair", "create", "--public-key", str(public), name, "-f", "json")

    assert (made["name"], made["fingerprint"]) == (name, FINGERPRINT)
    assert name in [row["Name"] for row in alpha.cli("keypair", "list", "-f", "json")]
    assert alpha.cli("keypair", "show", name, "-f", "json")["fingerprint"] == FINGERPRINT
    assert alpha.command("keypair", "show", "--public-key", name).stdout.strip() == KEY
    alpha.cli("keypair", "delete", name)
    assert alpha.command("keypair", "show", name).returncode != 0


def test_a_pod_makes_a_key_and_only_its_owner_sees_the_private_half(
    alpha: Cloud, ground: Site, names: list[str]
) -> None:
    made = alpha.ask("POST", "/v2.1/os-keypairs", {"keypair": {"name": names[0]}}, version="2.1")

    assert made.status_code == 200
    assert "PRIVATE KEY" in made.json()["keypair"]["private_key"]
    holders = [region for region in ground.regions if in_pod(alpha, region, names[0])]
    assert len(holders) == 1
    shown = alpha.ask("GET", f"/v2.1/os-keypairs/{names[0]}").json()["keypair"]
    assert "private_key" not in shown
    assert shown["fingerprint"] == (in_pod(alpha, holders[0], names[0]) or {})["fingerprint"]


def test_a_server_gets_its_key_in_every_pod_and_a_renamed_twin_replaces_it(
    fresh: Servers, operator: AdminApi, alpha: Cloud, ground: Site, names: list[str]
) -> None:
    name = names[0]
    alpha.ask("POST", "/v2.1/os-keypairs", {"keypair": {"name": name, "public_key": KEY}})

    for region in ground.regions:
        server = boot_in(region, fresh, operator, alpha, key_name=name)
        assert server["key_name"] == name
        assert (in_pod(alpha, region, name) or {})["fingerprint"] == FINGERPRINT

    alpha.ask("DELETE", f"/v2.1/os-keypairs/{name}")
    twin = alpha.ask("POST", "/v2.1/os-keypairs", {"keypair": {"name": name}}).json()["keypair"]
    for region in ground.regions:
        boot_in(region, fresh, operator, alpha, key_name=name)
        assert (in_pod(alpha, region, name) or {})["fingerprint"] == twin["fingerprint"]


def test_a_rebuild_gets_its_key(
    fresh: Servers, operator: AdminApi, alpha: Cloud, ground: Site, names: list[str]
) -> None:
    region = ground.regions[-1]
    server = boot_in(region, fresh, operator, alpha)
    alpha.ask("POST", "/v2.1/os-keypairs", {"keypair": {"name": names[0], "public_key": KEY}})
    rebuild = {"rebuild": {"imageRef": fresh.image["id"], "key_name": names[0]}}

    reply = alpha.ask("POST", f"/v2.1/servers/{server['id']}/action", rebuild)

    assert (reply.status_code, reply.json()["server"]["key_name"]) == (202, names[0])
    assert in_pod(alpha, region, names[0])
    fresh.active(alpha, server["id"])


def test_an_unknown_key_is_refused_as_nova_does(fresh: Servers, alpha: Cloud, names: list[str]) -> None:
    refused = alpha.ask("POST", "/v2.1/servers", fresh.order(key_name=names[0]))

    assert (refused.status_code, refused.json()["badRequest"]["message"]) == (
        400,
        "Invalid key_name provided.",
    )


def test_a_deleted_key_leaves_the_pods(
    fresh: Servers, operator: AdminApi, alpha: Cloud, ground: Site, names: list[str]
) -> None:
    name = names[0]
    alpha.ask("POST", "/v2.1/os-keypairs", {"keypair": {"name": name, "public_key": KEY}})
    region = ground.regions[0]
    boot_in(region, fresh, operator, alpha, key_name=name)

    assert alpha.ask("DELETE", f"/v2.1/os-keypairs/{name}").status_code == 204

    assert alpha.ask("GET", f"/v2.1/os-keypairs/{name}").status_code == 404
    until(f"{region} has no key {name}", lambda: in_pod(alpha, region, name) is None)


def test_what_a_user_had_in_a_pod_is_adopted(
    beta: Cloud, ground: Site, servers: Servers, undo: ExitStack
) -> None:
    name, region = servers.name(), ground.regions[-1]
    undo.callback(beta.ask_pod, region, "DELETE", f"/os-keypairs/{name}")
    undo.callback(beta.ask, "DELETE", f"/v2.1/os-keypairs/{name}")
    there = beta.ask_pod(region, "POST", "/os-keypairs", {"keypair": {"name": name, "public_key": KEY}})
    assert there.status_code == 201, there.text

    listed = beta.cli("keypair", "list", "-f", "json")

    assert name in [row["Name"] for row in listed], json.dumps(listed)


def test_an_admin_sees_another_users_keypairs(
    alpha: Cloud, beta: Cloud, admin: Cloud, names: list[str]
) -> None:
    alpha.ask("POST", "/v2.1/os-keypairs", {"keypair": {"name": names[0], "public_key": KEY}})
    path = f"/v2.1/os-keypairs/{names[0]}?user_id={alpha.session.get_user_id()}"

    assert admin.ask("GET", path).json()["keypair"]["fingerprint"] == FINGERPRINT
    assert beta.ask("GET", path).status_code == 403
    assert beta.ask("GET", f"/v2.1/os-keypairs/{names[0]}").status_code == 404


def test_the_sdk_sees_one_nova(alpha: Cloud, names: list[str]) -> None:
    sdk = alpha.sdk()

    made = sdk.create_keypair(names[0], KEY)

    assert made.fingerprint == FINGERPRINT
    assert sdk.get_keypair(names[0]).public_key == KEY
    assert names[0] in [keypair.name for keypair in sdk.list_keypairs()]
    assert sdk.delete_keypair(names[0]) is True
    assert sdk.delete_keypair(names[0]) is False
