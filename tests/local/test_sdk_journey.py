"""The unmodified openstacksdk works with a stand-in pod."""

from __future__ import annotations

import openstack
import pytest

from local.standin.cloud import DemoCloud
from tests.local.conftest import PLANS


@pytest.fixture
def alpha():
    with DemoCloud(PLANS, build_seconds=0.2, action_seconds=0.05) as cloud:
        yield openstack.connect(
            auth_url=cloud.auth_url,
            username="alpha",
            password="alpha-pass",
            project_name="alpha",
            user_domain_name="Default",
            project_domain_name="Default",
            region_name="Pod1",
        )


def test_a_server_lives_from_create_to_delete(alpha):
    compute = alpha.compute
    image, flavor = compute.find_image("cirros"), compute.find_flavor("m1.tiny")
    server = compute.create_server(name="vm", image_id=image.id, flavor_id=flavor.id, networks="none")
    server = compute.wait_for_server(server, wait=10, interval=0.1)
    assert [found.name for found in compute.servers()] == ["vm"]

    compute.stop_server(server)
    compute.wait_for_server(server, "SHUTOFF", wait=10, interval=0.1)
    compute.start_server(server)
    compute.wait_for_server(server, wait=10, interval=0.1)

    compute.delete_server(server)
    compute.wait_for_delete(server, wait=10, interval=0.1)
    assert list(compute.servers()) == []


def test_a_server_gets_an_address_on_the_pods_own_network(alpha):
    network = alpha.network.find_network("shared")
    server = alpha.create_server("vm", image="cirros", flavor="m1.tiny", network=network.id)
    server = alpha.compute.wait_for_server(server, wait=10, interval=0.1)

    assert [port.device_id for port in alpha.network.ports()] == [server.id]
    assert list(server.addresses) == ["shared"]


def test_pages_end_with_an_empty_one(alpha):
    image, flavor = alpha.compute.find_image("cirros"), alpha.compute.find_flavor("m1.nano")
    for number in range(5):
        alpha.compute.create_server(
            name=f"vm{number}", image_id=image.id, flavor_id=flavor.id, networks="none"
        )

    assert len(list(alpha.compute.servers(limit=2))) == 5
