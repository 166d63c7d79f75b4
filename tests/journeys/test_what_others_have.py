"""What a query or a body names: another project's thing is as absent as one that was never there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.journeys.conftest import IMAGE, Answer
from tests.journeys.two_projects import ABSENT, Cloud, a_watched_cloud, told
from tests.journeys.watching import Steps, masked

AN_ID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    yield from a_watched_cloud()


# Where a request may name a thing: by its variable's name, the path and the body around the id.
NAMED: list[tuple[str, str, str, Any]] = [
    ("server_id", "GET", "/servers?marker={}", None),
    ("server_id", "GET", "/servers/detail?marker={}&changes-since=2000-01-01T00:00:00Z", None),
    ("server_id", "GET", "/servers?uuid={}", None),
    ("server_id", "GET", "/os-simple-tenant-usage/{own}?marker={}", None),
    ("tenant_id", "GET", "/servers?tenant_id={}", None),
    ("tenant_id", "GET", "/servers/detail?project_id={}&all_tenants=1", None),
    ("tenant_id", "GET", "/limits?tenant_id={}", None),
    ("keypair_name", "GET", "/os-keypairs?marker={}", None),
    ("image_id", "GET", "/images?marker={}", None),
    ("volume_id", "GET", "/os-volumes?marker={}", None),
    ("image_id", "POST", "/servers", {"server": {"name": "b", "flavorRef": "1", "imageRef": "{}"}}),
    (
        "keypair_name",
        "POST",
        "/servers",
        {"server": {"name": "b", "flavorRef": "1", "imageRef": IMAGE, "key_name": "{}"}},
    ),
    (
        "volume_id",
        "POST",
        "/servers",
        {
            "server": {
                "name": "b",
                "flavorRef": "1",
                "block_device_mapping_v2": [
                    {"boot_index": 0, "source_type": "volume", "destination_type": "volume", "uuid": "{}"}
                ],
            }
        },
    ),
    (
        "snapshot_id",
        "POST",
        "/servers",
        {
            "server": {
                "name": "b",
                "flavorRef": "1",
                "block_device_mapping_v2": [
                    {
                        "boot_index": 0,
                        "source_type": "snapshot",
                        "destination_type": "volume",
                        "uuid": "{}",
                        "volume_size": 1,
                    }
                ],
            }
        },
    ),
    (
        "server_group_id",
        "POST",
        "/servers",
        {
            "server": {"name": "b", "flavorRef": "1", "imageRef": IMAGE},
            "os:scheduler_hints": {"group": "{}"},
        },
    ),
    (
        "server_id",
        "POST",
        "/servers",
        {
            "server": {"name": "b", "flavorRef": "1", "imageRef": IMAGE},
            "os:scheduler_hints": {"different_host": "{}"},
        },
    ),
    ("volume_id", "POST", "/servers/{own}/os-volume_attachments", {"volumeAttachment": {"volumeId": "{}"}}),
    ("server_id", "POST", "/servers/{own}/os-interface", {"interfaceAttachment": {"port_id": "{}"}}),
    ("image_id", "POST", "/servers/{own}/action", {"rebuild": {"imageRef": "{}"}}),
    ("security_group_id", "POST", "/servers/{own}/action", {"addSecurityGroup": {"name": "{}"}}),
    ("volume_id", "POST", "/os-snapshots", {"snapshot": {"volume_id": "{}"}}),
    (
        "security_group_id",
        "POST",
        "/os-security-group-rules",
        {"security_group_rule": {"parent_group_id": "{}"}},
    ),
]


def filled(value: Any, resource_id: str) -> Any:
    if isinstance(value, dict):
        return {key: filled(inside, resource_id) for key, inside in value.items()}
    if isinstance(value, list):
        return [filled(inside, resource_id) for inside in value]
    return value.replace("{}", resource_id) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("variable", "method", "path", "body"), NAMED, ids=[f"{n[1]} {n[2]} {n[0]}" for n in NAMED]
)
def test_to_name_anothers_is_to_name_nothing(
    cloud: Cloud, variable: str, method: str, path: str, body: Any
) -> None:
    betas = cloud.gateway.call("GET", "/v2.1/servers", user="beta").body["servers"][0]["id"]
    own = betas if "/servers/" in path else cloud.gateway.project_id("beta")

    def ask(resource_id: str) -> Answer:
        url = "/v2.1" + path.replace("{own}", own).replace("{}", resource_id)
        order = None if body is None else filled(body, resource_id)
        return cloud.gateway.call(method, url, order, user="beta", OpenStack_API_Version="compute 2.35")

    ask(ABSENT)  # what is done once for a user is done
    (theirs, their_steps), (nothing, no_steps) = (
        cloud.watch.steps(partial(ask, resource_id), resource_id)
        for resource_id in (cloud.alphas[variable], ABSENT)
    )

    assert theirs.status == nothing.status
    assert without_ids(their_steps) == without_ids(no_steps)
    if theirs.status >= 300 or (
        method == "GET" and "usage" not in path
    ):  # what is made anew has an id of its own
        assert masked(told(theirs), cloud.alphas[variable]) == masked(told(nothing), ABSENT)


def without_ids(steps: Steps) -> Steps:
    return Counter({AN_ID.sub("#", step): times for step, times in steps.items()})
