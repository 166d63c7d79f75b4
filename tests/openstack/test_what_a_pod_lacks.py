"""What a pod lacks and another has: Nova's refusal sends the create on, and the client gets its server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site

Order = dict[str, Any]


@pytest.fixture
def volume_type(fresh: Servers, admin: Cloud, ground: Site) -> Iterator[str]:
    """The name of a volume type that the second pod alone has."""
    region, name = ground.regions[1], fresh.name()
    made = admin.ask_pod(region, "POST", "/types", {"volume_type": {"name": name}}, service="block-storage")
    assert made.status_code == 200, made.text
    yield name
    path = f"/types/{made.json()['volume_type']['id']}"
    # One that a volume still uses can't be deleted and may stay behind.
    admin.ask_pod(region, "DELETE", path, service="block-storage")


def on_a_new_volume(fresh: Servers, volume_type: str) -> Order:
    disk = {
        "boot_index": 0,
        "source_type": "image",
        "uuid": fresh.image["id"],
        "destination_type": "volume",
        "volume_size": 1,
        "volume_type": volume_type,
        "delete_on_termination": True,
    }
    order = fresh.order(block_device_mapping_v2=[disk])
    del order["server"]["imageRef"]
    return order


def test_a_volume_type_that_the_bound_pod_lacks_sends_the_create_on(
    volume_type: str, fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site
) -> None:
    bound = operator.bind(alpha.project_id, ground.regions[0])

    reply = alpha.ask("POST", "/v2.1/servers", on_a_new_volume(fresh, volume_type))

    assert reply.status_code == 202, reply.text
    server_id = fresh.know(alpha, reply.json()["server"]["id"])
    assert fresh.holders(server_id) == [ground.regions[1]]
    assert operator.bindings(alpha.project_id) == [bound]
    fresh.delete(server_id)


def test_one_that_no_pod_has_is_refused_in_novas_own_words(fresh: Servers, alpha: Cloud) -> None:
    reply = alpha.ask("POST", "/v2.1/servers", on_a_new_volume(fresh, "nowhere"))

    told = {"code": 400, "message": "Volume type nowhere could not be found."}
    assert (reply.status_code, reply.json()) == (400, {"badRequest": told})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"imageRef": "7f3c9a52-0000-4000-8000-000000000000"}, "Can not find requested image"),
        (
            {"networks": [{"uuid": "7f3c9a52-0000-4000-8000-000000000000"}]},
            "Network 7f3c9a52-0000-4000-8000-000000000000 could not be found.",
        ),
    ],
    ids=["image", "network"],
)
def test_so_are_images_and_networks_that_no_pod_has(
    asked: Order, told: str, fresh: Servers, alpha: Cloud
) -> None:
    reply = alpha.ask("POST", "/v2.1/servers", fresh.order(**asked))

    assert (reply.status_code, reply.json()) == (400, {"badRequest": {"code": 400, "message": told}})
