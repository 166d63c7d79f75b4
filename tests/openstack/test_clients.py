"""What clients read before they create anything: versions, flavors, zones, images."""

from __future__ import annotations

import pytest
import requests

from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.servers import Servers
from tests.openstack.site import Site
from tests.openstack.waiting import SECONDS

pytestmark = pytest.mark.usefixtures("operator")


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@pytest.fixture(scope="module")
def spoken(ground: Site, admin: Cloud) -> tuple[str, str]:
    """The microversions, lowest and highest, that all pods say they speak."""
    own = [admin.ask_pod(region, "GET", "/", version="").json() for region in ground.regions]
    documents = [document["version"] for document in own]
    lowest = max((document["min_version"] for document in documents), key=numbers)
    return lowest, min((document["version"] for document in documents), key=numbers)


@pytest.mark.parametrize("path", ["/", "/v2.1", "/v2.1/", "/v2.1/{project_id}"])
def test_versions_are_told_without_a_token(path: str, alpha: Cloud, spoken: tuple[str, str]) -> None:
    reply = requests.get(alpha.url + path.format(project_id=alpha.project_id), timeout=10)

    assert reply.status_code == 200
    body = reply.json()
    version = body["versions"][-1] if "versions" in body else body["version"]
    assert (version["min_version"], version["version"]) == spoken
    assert version["links"][0] == {"rel": "self", "href": f"{alpha.url}/v2.1/"}


def test_a_microversion_is_taken_as_asked(alpha: Cloud, spoken: tuple[str, str]) -> None:
    for asked, served in (("", "2.1"), ("2.1", "2.1"), ("2.90", "2.90"), ("latest", spoken[1])):
        reply = alpha.ask("GET", "/v2.1/servers", version=asked)

        assert reply.status_code == 200
        assert reply.headers["OpenStack-API-Version"] == f"compute {served}"
        assert reply.headers["X-OpenStack-Nova-API-Version"] == served


def test_a_microversion_beyond_the_pods_is_406(alpha: Cloud, spoken: tuple[str, str]) -> None:
    reply = alpha.ask("GET", "/v2.1/servers", version="2.999")

    assert reply.status_code == 406
    assert spoken[1] in reply.json()["computeFault"]["message"]


def test_the_sdk_finds_us_in_the_catalogue_and_negotiates(alpha: Cloud, spoken: tuple[str, str]) -> None:
    sdk = alpha.sdk()

    found = sdk.compute.get_endpoint_data()

    assert found.url.startswith(alpha.url)
    assert found.max_microversion == tuple(numbers(spoken[1]))
    assert list(sdk.compute.servers(limit=1, paginated=False)) == []


def test_the_flavors_are_the_pods_each_once(alpha: Cloud, ground: Site) -> None:
    in_pods = set()
    for region in ground.regions:
        in_pods |= {row["id"] for row in alpha.ask_pod(region, "GET", "/flavors").json()["flavors"]}

    listed = [row["ID"] for row in alpha.cli("flavor", "list", "-f", "json")]

    assert sorted(listed) == sorted(in_pods)


def test_a_flavor_is_shown_with_our_links(alpha: Cloud, servers: Servers) -> None:
    shown = alpha.ask("GET", f"/v2.1/flavors/{servers.flavor['id']}").json()["flavor"]

    assert shown["name"] == servers.flavor["name"]
    assert all(link["href"].startswith(alpha.url) for link in shown["links"])


def test_the_zones_are_ours(alpha: Cloud, ground: Site) -> None:
    rows = alpha.cli("availability", "zone", "list", "--compute", "-f", "json")

    assert {row["Zone Name"] for row in rows} == set(ground.zones.values())
    assert {row["Zone Status"] for row in rows} == {"available"}


def test_images_are_proxied_as_long_as_nova_does(alpha: Cloud, servers: Servers) -> None:
    old = alpha.ask("GET", "/v2.1/images", version="2.35")
    new = alpha.ask("GET", "/v2.1/images", version="2.36")

    assert servers.image["id"] in {image["id"] for image in old.json()["images"]}
    assert new.status_code == 404


def test_the_sdk_boots_in_our_zone_and_deletes(fresh: Servers, alpha: Cloud, ground: Site) -> None:
    sdk, zone = alpha.sdk(), ground.zones[ground.regions[0]]
    order = fresh.order(availability_zone=zone)["server"]

    made = sdk.compute.create_server(
        name=order["name"],
        flavor_id=order["flavorRef"],
        image_id=order["imageRef"],
        networks=order["networks"],
        availability_zone=zone,
    )
    fresh.know(alpha, made.id)
    ready = sdk.compute.wait_for_server(made, interval=1, wait=SECONDS)

    assert (ready.status, ready.availability_zone) == ("ACTIVE", zone)
    assert sdk.compute.find_server(order["name"], ignore_missing=False).id == made.id
    sdk.compute.delete_server(made)
    sdk.compute.wait_for_delete(ready, interval=1, wait=SECONDS)
    assert fresh.holders(made.id) == []


def test_a_tenant_is_kept_from_the_admin_api(alpha: Cloud, operator: AdminApi) -> None:
    refused = alpha.ask("GET", "/v1.0/pods", version="")

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == 403
    assert operator.admin.ask("GET", "/v1.0/pods", version="").status_code == 200
