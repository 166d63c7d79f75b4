"""The SDK's cloud layer, which Ansible and many scripts use: what it makes, lists and reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from openstack.connection import Connection

from tests.openstack.admin_api import AdminApi
from tests.openstack.api_ref.samples import PUBLIC_KEY
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site


@pytest.fixture(scope="module")
def sdk(fresh: Servers, alpha: Cloud, operator: AdminApi, ground: Site) -> Connection:
    """A connection of a tenant who is bound to the pod whose volumes and networks the catalogue names."""
    operator.bind(alpha.project_id, ground.regions[0])
    return alpha.sdk()


@pytest.fixture(scope="module")
def operators(admin: Cloud, operator: AdminApi) -> Connection:
    return admin.sdk()


@pytest.fixture(scope="module")
def keypair(sdk: Connection, fresh: Servers) -> Iterator[Any]:
    made = sdk.create_keypair(fresh.name(), PUBLIC_KEY)
    yield made
    assert sdk.delete_keypair(made.name)


@pytest.fixture(scope="module")
def server(sdk: Connection, fresh: Servers, alpha: Cloud, keypair: Any) -> Any:
    network = next(found for found in sdk.list_networks() if not found.is_router_external)
    made = sdk.create_server(
        fresh.name(),
        image=fresh.image["name"],
        flavor=fresh.flavor["name"],
        network=network.id,
        key_name=keypair.name,
        meta={"colour": "blue"},
        auto_ip=False,
        wait=True,
    )
    fresh.know(alpha, made.id)
    return made


def test_a_server_is_created_and_waited_for(server: Any, keypair: Any) -> None:
    assert (server.status, server.key_name, server.metadata) == ("ACTIVE", keypair.name, {"colour": "blue"})


def test_servers_are_listed_with_filters(sdk: Connection, server: Any) -> None:
    for filters in ({"name": server.name}, {"status": "ACTIVE", "name": server.name}):
        assert [found.id for found in sdk.list_servers(filters=filters)] == [server.id]
    assert sdk.list_servers(filters={"status": "SHUTOFF", "name": server.name}) == []
    assert [found.id for found in sdk.search_servers(server.name)] == [server.id]
    assert sdk.get_server(server.name).id == server.id
    assert sdk.get_server("no-such-server") is None


def test_metadata_and_name_are_changed(sdk: Connection, server: Any) -> None:
    sdk.set_server_metadata(server.id, {"size": "big"})
    sdk.delete_server_metadata(server.id, ["colour"])
    sdk.update_server(server.id, description="by the SDK")

    assert sdk.get_server_by_id(server.id).metadata == {"size": "big"}


def test_keypairs_are_found(sdk: Connection, keypair: Any) -> None:
    assert keypair.name in [found.name for found in sdk.list_keypairs()]
    assert sdk.get_keypair(keypair.name).fingerprint == keypair.fingerprint
    assert sdk.get_keypair("no-such-keypair") is None


def test_flavors_zones_and_images_are_found(sdk: Connection, fresh: Servers, ground: Site) -> None:
    assert sdk.get_flavor(fresh.flavor["name"]).id == fresh.flavor["id"]
    assert sdk.get_flavor_by_ram(fresh.flavor["ram"]).ram == fresh.flavor["ram"]
    assert set(sdk.list_availability_zone_names()) == set(ground.zones.values())


def test_limits_and_usage_count_the_server(sdk: Connection, operators: Connection, server: Any) -> None:
    project = sdk.current_project_id

    assert sdk.get_compute_limits().instances_used == 1
    assert sdk.get_compute_limits().max_total_instances == 10
    assert server.id in [used["instance_id"] for used in operators.get_compute_usage(project).server_usages]


def test_quotas_are_set_and_given_back(sdk: Connection, operators: Connection) -> None:
    project = sdk.current_project_id

    operators.set_compute_quotas(project, instances=7)
    seen = operators.get_compute_quotas(project).instances
    operators.delete_compute_quotas(project)

    assert (seen, operators.get_compute_quotas(project).instances) == (7, 10)


def test_server_groups_live_and_end(sdk: Connection, fresh: Servers) -> None:
    made = sdk.create_server_group(fresh.name(), policy="anti-affinity")

    assert sdk.get_server_group(made.name).id == made.id
    assert sdk.delete_server_group(made.id)
    assert made.id not in [found.id for found in sdk.list_server_groups()]


def test_a_volume_is_attached_and_detached(
    sdk: Connection, server: Any, fresh: Servers, undo: ExitStack
) -> None:
    volume = sdk.create_volume(1, name=fresh.name(), wait=True)
    undo.callback(sdk.delete_volume, volume.id)

    attached = sdk.attach_volume(server, volume, wait=True)
    seen = sdk.get_volume_by_id(volume.id).status
    sdk.detach_volume(sdk.get_server_by_id(server.id), sdk.get_volume_by_id(volume.id), wait=True)

    assert (attached.volume_id, seen) == (volume.id, "in-use")
    assert sdk.get_volume_by_id(volume.id).status == "available"


def test_a_snapshot_becomes_an_image(sdk: Connection, server: Any, fresh: Servers, undo: ExitStack) -> None:
    image = sdk.create_image_snapshot(fresh.name(), server, wait=True)
    undo.callback(sdk.delete_image, image.id)

    assert image.status == "active"


def test_operators_list_hypervisors_and_aggregates(
    operators: Connection, ground: Site, fresh: Servers, undo: ExitStack
) -> None:
    aggregate = operators.create_aggregate(fresh.name())
    undo.callback(operators.delete_aggregate, aggregate.id)

    assert len(operators.list_hypervisors()) >= len(ground.regions)
    assert aggregate.name in [found.name for found in operators.list_aggregates()]
    assert operators.get_aggregate(aggregate.name).id == aggregate.id


def test_a_server_is_deleted_and_waited_for(sdk: Connection, server: Any) -> None:
    assert sdk.delete_server(server.id, wait=True)
    assert sdk.get_server_by_id(server.id) is None
