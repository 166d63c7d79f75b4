"""Hidden markers: no answer shows the marker by which the gateway knows what a create made."""

from __future__ import annotations

import json

import pytest

from local.standin.script import Trouble
from tests.journeys.conftest import IMAGE, Gateway

VERSIONS = ("2.1", "2.26", "2.51", "2.52", "2.90")


def create(gateway: Gateway, version: str, **fields: object) -> str:
    server = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "networks": [], **fields}
    answer = gateway.call("POST", "/v2.1/servers", {"server": server}, X_OpenStack_Nova_API_Version=version)
    assert answer.status == 202, answer.body
    return str(answer.body["server"]["id"])


def inside(gateway: Gateway, server_id: str) -> list[str]:
    """Tags and metadata as the pod has them."""
    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    (server,) = [server for server in pod.servers() if server.id == server_id]
    return [*server.tags, *server.metadata]


@pytest.mark.parametrize("made_at", ["2.1", "2.51", "2.52", "2.90"])
def test_no_read_of_a_server_shows_the_marker(gateway: Gateway, made_at: str) -> None:
    own = {"metadata": {"mine": "1"}, **({"tags": ["mine"]} if made_at >= "2.52" else {})}
    server_id = create(gateway, made_at, **own)
    (marker,) = [label for label in inside(gateway, server_id) if label != "mine"]
    assert marker.startswith("trio2o:")

    for version in VERSIONS:
        for path in ("/servers/detail", f"/servers/{server_id}", f"/servers/{server_id}/metadata"):
            shown = gateway.call("GET", f"/v2.1{path}", X_OpenStack_Nova_API_Version=version)
            assert shown.status == 200
            assert "trio2o" not in json.dumps(shown.body), (path, version)
            assert "mine" in json.dumps(shown.body)
    at = {"X_OpenStack_Nova_API_Version": "2.52"}
    tags = gateway.call("GET", f"/v2.1/servers/{server_id}/tags", **at)
    assert tags.body == {"tags": ["mine"] if made_at >= "2.52" else []}
    for part, told in (
        ("tags", f"Server {server_id} has no tag '{marker}'"),
        ("metadata", "Metadata item was not found"),
    ):
        for verb in ("GET", "DELETE"):
            answer = gateway.call(verb, f"/v2.1/servers/{server_id}/{part}/{marker}", **at)
            assert (answer.status, answer.body["itemNotFound"]["message"]) == (404, told)
    assert marker in inside(gateway, server_id)


@pytest.mark.parametrize("made_at", ["2.1", "2.52"])
def test_no_answer_to_a_change_shows_the_marker(gateway: Gateway, made_at: str) -> None:
    server_id = create(gateway, made_at)
    path = f"/v2.1/servers/{server_id}"

    changes = (
        ("PUT", path, {"server": {"name": "other"}}),
        ("POST", f"{path}/metadata", {"metadata": {"more": "1"}}),
        ("PUT", f"{path}/metadata/even", {"meta": {"even": "more"}}),
        ("POST", f"{path}/action", {"rebuild": {"imageRef": IMAGE}}),
        ("PUT", f"{path}/tags/own", None),
        ("GET", f"{path}/tags", None),
        ("PUT", f"{path}/tags", {"tags": ["own"]}),
    )
    for verb, where, body in changes:
        answer = gateway.call(verb, where, body, X_OpenStack_Nova_API_Version="2.52")
        assert answer.status < 300, (verb, where, answer.body)
        assert "trio2o" not in json.dumps(answer.body), (verb, where)


@pytest.mark.parametrize("version", ["2.1", "2.52"])
def test_a_refusal_that_repeats_what_was_sent_shows_no_marker(gateway: Gateway, version: str) -> None:
    server = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "networks": [], "oddity": 1}

    answer = gateway.call("POST", "/v2.1/servers", {"server": server}, X_OpenStack_Nova_API_Version=version)

    told = f"Invalid input for field/attribute server. Value: {server}. Additional properties are not allowed"
    assert answer.status == 400
    assert answer.body["badRequest"]["message"].startswith(told)


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"metadata": {str(number): "" for number in range(128)}}, "2.1"),
        ({"metadata": {str(n): "" for n in range(128)}, "tags": [str(n) for n in range(50)]}, "2.52"),
    ],
)
def test_where_there_is_no_room_for_a_marker_the_server_is_made_without(
    gateway: Gateway, fields: dict[str, object], version: str
) -> None:
    server_id = create(gateway, version, **fields)

    assert not any(label.startswith("trio2o:") for label in inside(gateway, server_id))
    assert gateway.stores.locations.get(server_id) is not None


def test_with_fifty_tags_of_its_own_a_server_carries_its_marker_in_the_metadata(gateway: Gateway) -> None:
    server_id = create(gateway, "2.52", tags=[str(number) for number in range(50)])

    assert inside(gateway, server_id)[-1].startswith("trio2o:")
    assert (
        len(
            gateway.call("GET", f"/v2.1/servers/{server_id}/tags", X_OpenStack_Nova_API_Version="2.52").body[
                "tags"
            ]
        )
        == 50
    )


@pytest.mark.parametrize("field", ["metadata", "tags"])
def test_what_is_of_a_wrong_type_is_novas_to_refuse(gateway: Gateway, field: str) -> None:
    order = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "networks": [], field: "text"}

    answer = gateway.call("POST", "/v2.1/servers", {"server": order}, X_OpenStack_Nova_API_Version="2.52")

    assert (answer.status, answer.body["badRequest"]["message"].count("trio2o")) == (400, 0)


def test_an_answer_in_another_spelling_of_json_shows_no_marker(gateway: Gateway) -> None:
    server_id = create(gateway, "2.1")
    (marker,) = inside(gateway, server_id)
    body = b'{"server":{"id":"%s","metadata":{"%s":"","a":"1"}}}' % (server_id.encode(), marker.encode())
    pod = gateway.cloud.pod(gateway.pod_holding(server_id))
    pod.script.add(Trouble(f"/servers/{server_id}$", "GET", status=200, body=body))

    assert gateway.call("GET", f"/v2.1/servers/{server_id}").body["server"]["metadata"] == {"a": "1"}
