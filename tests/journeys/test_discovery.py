"""Versions, microversions, faults and headers, as unmodified clients expect them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from chalice.app import Chalice

from app import app
from tests.journeys.conftest import BASE, IMAGE, Gateway
from tests.journeys.ways_in import WayIn, by_lambda, by_local_server

WayInto = Callable[[Chalice], AbstractContextManager[WayIn]]


@pytest.mark.parametrize("path", ["/v2.1", "/v2.1/", "/v2.1/0123456789abcdef0123456789abcdef"])
def test_the_version_is_told_without_a_token(gateway: Gateway, path: str) -> None:
    version = gateway.call("GET", path, user="").body["version"]

    assert (version["id"], version["status"]) == ("v2.1", "CURRENT")
    assert (version["min_version"], version["version"]) == ("2.1", "2.96")
    assert version["links"][0] == {"rel": "self", "href": f"{BASE}/v2.1/"}


def test_the_root_lists_the_versions(gateway: Gateway) -> None:
    legacy, version = gateway.call("GET", "/", user="").body["versions"]

    assert (legacy["id"], version["id"]) == ("v2.0", "v2.1")
    assert version["links"][0]["href"] == f"{BASE}/v2.1/"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("compute 2.90", "2.90"), ("compute latest", "2.96"), ("volume 3.1, compute 2.5", "2.5"), ("", "2.1")],
)
def test_a_microversion_reaches_the_pod_and_the_answer_names_it(
    gateway: Gateway, asked: str, answered: str
) -> None:
    server_id = gateway.create().body["server"]["id"]
    headers = {"OpenStack-API-Version": asked} if asked else {}

    answer = gateway.call("GET", f"/v2.1/servers/{server_id}", **headers)

    assert answer.headers["openstack-api-version"] == f"compute {answered}"
    assert answer.headers["x-openstack-nova-api-version"] == answered
    assert "OpenStack-API-Version" in answer.headers["vary"]
    held_by = gateway.cloud.pod(gateway.pod_holding(server_id))
    received = held_by.journal.entries("GET", f"/servers/{server_id}$")[-1]
    sent = {name.lower(): value for name, value in received.headers.items()}
    assert sent["openstack-api-version"] == f"compute {answered}"


@pytest.mark.parametrize("way", [by_lambda, by_local_server])
@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (["compute 2.90", "volume 3.50"], "2.90"),
        (["volume 3.50", "compute 2.90"], "2.90"),
        (["compute 2.60", "compute 2.90"], "2.90"),  # Nova, too, takes the last
    ],
)
def test_header_lines_of_one_name_are_one_list(
    gateway: Gateway, way: WayInto, lines: list[str], answered: str
) -> None:
    token = gateway.cloud.token_for("alpha").id
    with way(app) as send:
        said = send("GET", "/v2.1/servers", {"X-Auth-Token": token, "OpenStack-API-Version": lines}, "")

    assert (said.status, said.headers["openstack-api-version"]) == (200, f"compute {answered}")


@pytest.mark.parametrize("way", [by_lambda, by_local_server])
@pytest.mark.parametrize("path", ["/", "/v2.1", "/v2.1/", f"/v2.1/{'0' * 32}", f"/v2.1/{'0' * 32}/"])
def test_head_finds_the_version_documents_without_a_token(gateway: Gateway, way: WayInto, path: str) -> None:
    with way(app) as send:
        said = send("HEAD", path, {}, "")

    assert (said.status, said.body) == (200, "")


def test_the_older_header_is_heard_too(gateway: Gateway) -> None:
    answer = gateway.call("GET", "/v2.1/servers", **{"X-OpenStack-Nova-API-Version": "2.60"})
    assert answer.headers["x-openstack-nova-api-version"] == "2.60"


@pytest.mark.parametrize(("asked", "status"), [("2.200", 406), ("1.0", 406), ("2", 400), ("two", 400)])
def test_a_version_that_not_all_pods_speak_is_refused(gateway: Gateway, asked: str, status: int) -> None:
    answer = gateway.call("GET", "/v2.1/servers", **{"OpenStack-API-Version": f"compute {asked}"})
    assert answer.status == status


@pytest.mark.parametrize("user", ["alpha", ""])
@pytest.mark.parametrize("path", ["/v2.1/servers", "/v2.1/servers/x", "/v2.1/flavors", "/v2.1/images"])
def test_every_answer_carries_request_ids_and_version(gateway: Gateway, user: str, path: str) -> None:
    answer = gateway.call("GET", path, user=user)

    assert answer.headers["x-openstack-request-id"].startswith("req-")
    assert answer.headers["x-compute-request-id"] == answer.headers["x-openstack-request-id"]
    assert answer.headers["x-trio2o-request-id"].startswith("req-")
    assert answer.headers["openstack-api-version"] == "compute 2.1"


def test_one_request_id_follows_a_request_into_the_pod(gateway: Gateway) -> None:
    answer = gateway.create()
    pod = gateway.cloud.pod(gateway.pod_holding(answer.body["server"]["id"]))
    (received,) = pod.journal.entries("POST", "/servers$")
    sent = {name.lower(): value for name, value in received.headers.items()}
    assert sent["x-openstack-request-id"] == answer.headers["x-trio2o-request-id"]


def test_flavors_are_merged_by_id(gateway: Gateway) -> None:
    flavors = gateway.call("GET", "/v2.1/flavors/detail").body["flavors"]
    ids = [flavor["id"] for flavor in flavors]
    assert len(ids) == len(set(ids)) >= 6
    assert flavors[0]["links"][0]["href"].startswith(f"{BASE}/v2.1/flavors/")
    page = gateway.call("GET", f"/v2.1/flavors?limit=2&marker={ids[1]}").body
    assert [flavor["id"] for flavor in page["flavors"]] == ids[2:4]
    assert page["flavors_links"][0]["rel"] == "next"
    assert gateway.call("GET", "/v2.1/flavors?marker=none").status == 400
    assert gateway.call("GET", "/v2.1/flavors/cad/os-extra_specs").body["extra_specs"]
    assert gateway.call("GET", "/v2.1/flavors/none").status == 404


def test_zones_are_ours_and_pods_are_not_named(gateway: Gateway) -> None:
    zones = gateway.call("GET", "/v2.1/os-availability-zone").body["availabilityZoneInfo"]
    assert [(z["zoneName"], z["zoneState"]["available"]) for z in zones] == [("az1", True), ("az2", True)]
    pod = gateway.pods["Pod3"]
    assert gateway.call("POST", f"/v1.0/pods/{pod.pod_id}/cordon", user="admin").status == 200
    zones = gateway.call("GET", "/v2.1/os-availability-zone").body["availabilityZoneInfo"]
    assert [z["zoneState"]["available"] for z in zones] == [True, False]
    assert gateway.call("GET", "/v2.1/os-availability-zone/detail").status == 403
    assert gateway.call("GET", "/v2.1/os-availability-zone/detail", user="admin").status == 200


def test_images_come_from_the_first_pod_that_answers_up_to_2_35(gateway: Gateway) -> None:
    gateway.cloud.pod("Pod1").kill()
    assert gateway.call("GET", "/v2.1/images").body["images"]
    newer = gateway.call("GET", "/v2.1/images", **{"OpenStack-API-Version": "compute 2.36"})
    assert (newer.status, list(newer.body)) == (404, ["itemNotFound"])


@pytest.mark.parametrize("path", ["/v2", "/v2/", "/v2/0123456789abcdef0123456789abcdef/"])
def test_the_legacy_version_is_told_without_a_token(gateway: Gateway, path: str) -> None:
    version = gateway.call("GET", path, user="").body["version"]

    assert (version["id"], version["status"], version["version"]) == ("v2.0", "DEPRECATED", "")
    assert version["links"][0] == {"rel": "self", "href": f"{BASE}/v2/"}
    assert version["media-types"][0]["type"].endswith("version=2")


def test_the_legacy_version_heeds_no_microversion_and_names_none(gateway: Gateway) -> None:
    server_id = gateway.create().body["server"]["id"]

    answer = gateway.call("GET", f"/v2/servers/{server_id}", **{"OpenStack-API-Version": "compute 2.90"})

    assert answer.status == 200
    assert "links" in answer.body["server"]["flavor"]  # from 2.47 on the flavor's numbers are there instead
    assert not {"openstack-api-version", "x-openstack-nova-api-version", "vary"} & set(answer.headers)
    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    received = pod.journal.entries("GET", "/servers/")[-1]
    assert received.path.startswith("/compute/v2/servers/")
    sent = {name.lower() for name in received.headers}
    assert not {"openstack-api-version", "x-openstack-nova-api-version"} & sent


def test_the_legacy_version_takes_creates_and_lists_them(gateway: Gateway) -> None:
    project_id = gateway.project_id()
    order = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}}
    created = gateway.call("POST", f"/v2/{project_id}/servers", order)

    listed = gateway.call("GET", f"/v2/{project_id}/servers/detail")

    assert [server["id"] for server in listed.body["servers"]] == [created.body["server"]["id"]]


def test_a_version_that_is_not_served_is_named_in_its_406(gateway: Gateway) -> None:
    answer = gateway.call("GET", "/v2.1/servers", **{"OpenStack-API-Version": "compute 2.999"})

    assert (answer.status, answer.headers["openstack-api-version"]) == (406, "compute 2.999")
    message = "Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.96."
    assert answer.body == {"computeFault": {"code": 406, "message": message}}


@pytest.mark.parametrize("path", ["/", "/v2.1/"])
def test_a_document_for_anyone_names_the_latest_version_where_that_is_asked_for(
    gateway: Gateway, path: str
) -> None:
    answer = gateway.call("GET", path, user="", **{"OpenStack-API-Version": "compute latest"})

    assert answer.headers["openstack-api-version"] == "compute 2.96"
