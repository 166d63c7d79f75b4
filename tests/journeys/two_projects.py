"""Two projects in the same pods, and a watch on what their requests make the gateway do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.api.openstack.table import Row
from chalicelib.model.microversion import Microversion
from local.standin.nova import versions
from tests.journeys.conftest import Answer, Gateway, registered
from tests.journeys.roles import refused_tokens
from tests.journeys.rules_of_rows import VARIABLES
from tests.journeys.watching import Watch, watched

ABSENT = "0b5e1ce5-0000-4000-8000-00000000dead"
CANARY = "canary-of-alpha"
NEWEST = 104


@dataclass
class Cloud:
    """A gateway that is watched, and what alpha has: an object's id by the variable that names it."""

    gateway: Gateway
    watch: Watch
    alphas: Mapping[str, str]
    refused: Mapping[str, str]

    def ask(
        self,
        prefix: str,
        row: Row,
        first: str,
        user: str = "beta",
        body: Any = None,
        token: str | None = None,
    ) -> Answer:
        """One request for a row; ``first`` is what its first variable names, the others name nothing."""
        segments = iter((first, *["1"] * 5))
        path = prefix + VARIABLES.sub(lambda _: next(segments), row.path)
        order = {row.actions[0].name: {}} if row.actions and body is None else body
        headers = {"OpenStack_API_Version": f"compute {version_of(row)}"}
        if token is None:
            return self.gateway.call(row.method, path, order, user=user, **headers)
        return self.gateway.call(
            row.method, path, order, user="", **headers, **({"X-Auth-Token": token} if token else {})
        )


def a_watched_cloud() -> Iterator[Cloud]:
    """Alpha and beta have servers in the same pods, so that a request of beta could reach what is alpha's."""
    with pytest.MonkeyPatch.context() as newer, registered() as gateway:
        newer.setattr(versions, "MAX_MINOR", NEWEST)  # so that no row is too new for the pods
        gateway.refresh()
        gateway.cloud.keystone.add_user("robot", "robot-pass", "alpha", "service")
        # Both use the same pods, so that a request of beta's could reach what is alpha's.
        for user in ("alpha", "beta"):
            for zone in ("az1", "az2"):
                assert gateway.create(f"{user}s", user=user, availability_zone=zone).status == 202
        alphas = what_alpha_has(gateway)
        yield Cloud(gateway, watched(gateway), alphas, refused_tokens(gateway))


def what_alpha_has(gateway: Gateway) -> Mapping[str, str]:
    server_id = gateway.create(CANARY, availability_zone="az2").body["server"]["id"]

    def made(path: str, member: str, **order: Any) -> str:
        answer = gateway.call("POST", f"/v2.1/{path}", {member: order}, OpenStack_API_Version="compute 2.35")
        assert answer.status in (200, 201), answer
        return str(answer.body[member].get("id", CANARY))

    group = made("os-security-groups", "security_group", name=CANARY, description=CANARY)
    volume = made("os-volumes", "volume", size=1, display_name=CANARY)
    image = gateway.call("POST", f"/v2.1/servers/{server_id}/action", {"createImage": {"name": CANARY}})
    return {
        "server_id": server_id,
        "image_id": image.headers["location"].rpartition("/")[2],
        "keypair_name": made("os-keypairs", "keypair", name=CANARY),
        "server_group_id": made("os-server-groups", "server_group", name=CANARY, policies=["affinity"]),
        "security_group_id": group,
        "rule_id": made("os-security-group-rules", "security_group_rule", parent_group_id=group),
        "floating_ip_id": made("os-floating-ips", "floating_ip", pool="public"),
        "volume_id": volume,
        "snapshot_id": made("os-snapshots", "snapshot", volume_id=volume, display_name=CANARY),
        "tenant_id": gateway.project_id("alpha"),
        "console_token": "a-console-token-of-alphas",
    }


def version_of(row: Row) -> str:
    """A microversion that has the row; if it may be, one that has Nova's proxies too."""
    if row.since or not row.until:
        return row.since or "2.35"
    return min(row.until, "2.35", key=Microversion.parse)


def told(answer: Answer) -> str:
    """All that an answer tells, but what tells it from every other answer."""
    kept = {name: text for name, text in answer.headers.items() if "request-id" not in name}
    return f"{answer.status} {json.dumps(kept, sort_keys=True)} {json.dumps(answer.body)}"


def first_of(row: Row, objects: Mapping[str, str]) -> str:
    variable = VARIABLES.search(row.path)
    return objects.get(variable[1], ABSENT) if variable else ABSENT
