"""What Nova passes on to Glance, Neutron and Cinder: over many pods as if there were one."""

from __future__ import annotations

import pytest

from local.standin.images import Image
from tests.journeys.conftest import IMAGE, Gateway

PARTS = {
    "os-security-groups": ("security_groups", "security_group", {"name": "web", "description": "d"}),
    "os-volumes": ("volumes", "volume", {"size": 1, "display_name": "v"}),
    "os-floating-ips": ("floating_ips", "floating_ip", {"pool": "public"}),
}


@pytest.fixture
def in_two_pods(gateway: Gateway) -> tuple[str, str]:
    """Alpha has a server in each of two pods; the names of these pods, its home pod first."""
    server_ids = [
        gateway.create(f"vm-{zone}", availability_zone=zone).body["server"]["id"] for zone in ("az1", "az2")
    ]
    home, other = (gateway.pod_holding(server_id) for server_id in server_ids)
    return home, other


def put(gateway: Gateway, pod: str, noun: str, row_id: str) -> None:
    """Let a pod hold something of alpha's, as if its own Neutron or Cinder had made it."""
    row = {"id": row_id, "tenant_id": gateway.project_id()}
    gateway.cloud.pods[pod].nova.proxied.setdefault(noun, {})[row_id] = row


@pytest.mark.parametrize("noun", PARTS)
def test_what_is_made_is_made_in_the_home_pod_and_found_everywhere(
    gateway: Gateway, in_two_pods: tuple[str, str], noun: str
) -> None:
    home, other = in_two_pods
    listed_as, member, order = PARTS[noun]
    put(gateway, other, noun, "of-the-other-pod")

    made = gateway.call("POST", f"/v2.1/{noun}", {member: order}).body[member]

    assert made["id"] in gateway.cloud.pods[home].nova.proxied[noun]
    rows = gateway.call("GET", f"/v2.1/{noun}").body[listed_as]
    assert [row["id"] for row in rows] == [made["id"], "of-the-other-pod"]
    for row_id in (made["id"], "of-the-other-pod"):
        assert gateway.call("GET", f"/v2.1/{noun}/{row_id}").body[member]["id"] == row_id
        assert gateway.call("DELETE", f"/v2.1/{noun}/{row_id}").status == 202
        assert gateway.call("GET", f"/v2.1/{noun}/{row_id}").status == 404
    assert gateway.call("GET", f"/v2.1/{noun}").body == {listed_as: []}


def test_a_project_without_a_server_has_them_too(gateway: Gateway) -> None:
    made = gateway.call("POST", "/v2.1/os-volumes", {"volume": {"size": 1}}).body["volume"]

    assert [row["id"] for row in gateway.call("GET", "/v2.1/os-volumes/detail").body["volumes"]] == [
        made["id"]
    ]
    assert gateway.call("GET", "/v2.1/os-volumes", user="beta").body == {"volumes": []}
    assert gateway.call("GET", f"/v2.1/os-volumes/{made['id']}", user="beta").status == 404


def test_a_snapshot_is_made_where_its_volume_is(gateway: Gateway, in_two_pods: tuple[str, str]) -> None:
    _, other = in_two_pods
    volume_id = "11111111-1111-4111-8111-111111111111"
    put(gateway, other, "os-volumes", volume_id)

    made = gateway.call("POST", "/v2.1/os-snapshots", {"snapshot": {"volume_id": volume_id}})

    assert made.status == 200
    assert made.body["snapshot"]["id"] in gateway.cloud.pods[other].nova.proxied["os-snapshots"]


def test_a_rule_is_made_where_its_group_is(gateway: Gateway, in_two_pods: tuple[str, str]) -> None:
    _, other = in_two_pods
    group_id = "11111111-1111-4111-8111-111111111111"
    put(gateway, other, "os-security-groups", group_id)
    order = {"security_group_rule": {"parent_group_id": group_id, "ip_protocol": "tcp"}}

    made = gateway.call("POST", "/v2.1/os-security-group-rules", order)

    rule_id = made.body["security_group_rule"]["id"]
    assert rule_id in gateway.cloud.pods[other].nova.proxied["os-security-group-rules"]
    assert gateway.call("DELETE", f"/v2.1/os-security-group-rules/{rule_id}").status == 202


def test_what_the_pods_have_alike_is_listed_once(gateway: Gateway, in_two_pods: tuple[str, str]) -> None:
    assert gateway.call("GET", "/v2.1/os-floating-ip-pools").body == {
        "floating_ip_pools": [{"name": "public"}]
    }
    assert [row["id"] for row in gateway.call("GET", "/v2.1/images").body["images"]].count(IMAGE) == 1


@pytest.mark.parametrize("noun", [*PARTS, "os-snapshots", "os-floating-ip-pools", "images"])
def test_they_end_with_2_35(gateway: Gateway, noun: str) -> None:
    found = {
        version: gateway.call(
            "GET", f"/v2.1/{noun}", **{"OpenStack-API-Version": f"compute {version}"}
        ).status
        for version in ("2.35", "2.36")
    }
    assert found == {"2.35": 200, "2.36": 404}


def test_a_snapshot_of_a_server_is_listed_shown_changed_and_deleted_wherever_it_is(
    gateway: Gateway, in_two_pods: tuple[str, str]
) -> None:
    _, other = in_two_pods
    nova = gateway.cloud.pods[other].nova
    nova.images.add(Image("snap", "snap", nova.clock.now(), owner=gateway.project_id(), visibility="private"))

    assert "snap" in [row["id"] for row in gateway.call("GET", "/v2.1/images").body["images"]]
    labelled = gateway.call("POST", "/v2.1/images/snap/metadata", {"metadata": {"a": "b"}})
    assert (labelled.status, labelled.body) == (200, {"metadata": {"a": "b"}})
    assert gateway.call("GET", "/v2.1/images/snap/metadata").body == {"metadata": {"a": "b"}}
    assert gateway.call("DELETE", "/v2.1/images/snap").status == 204
    assert gateway.call("DELETE", "/v2.1/images/snap").status == 404


def test_an_image_that_several_pods_have_is_deleted_in_each(gateway: Gateway) -> None:
    assert gateway.call("DELETE", f"/v2.1/images/{IMAGE}").status == 403
    assert gateway.call("DELETE", f"/v2.1/images/{IMAGE}", user="admin").status == 204
    assert gateway.call("GET", f"/v2.1/images/{IMAGE}").status == 404


def test_extensions_are_listed_and_shown(gateway: Gateway) -> None:
    listed = gateway.call("GET", "/v2.1/extensions").body["extensions"]

    assert listed
    for extension in listed:
        shown = gateway.call("GET", f"/v2.1/extensions/{extension['alias']}")
        assert shown.body == {"extension": extension}
    missing = gateway.call("GET", "/v2.1/extensions/none-such")
    message = "The resource could not be found."
    assert (missing.status, missing.body) == (404, {"itemNotFound": {"code": 404, "message": message}})


@pytest.mark.parametrize(("version", "by_admin", "by_member"), [("2.30", 400, 400), ("2.31", 200, 403)])
def test_a_console_token_leads_to_the_pod_that_gave_it(
    gateway: Gateway, version: str, by_admin: int, by_member: int
) -> None:
    gateway.cloud.pods["Pod3"].nova.console_tokens["t1"] = {"host": "h"}
    asked = {"OpenStack-API-Version": f"compute {version}"}

    answers = [
        gateway.call("GET", "/v2.1/os-console-auth-tokens/t1", user=user, **asked).status
        for user in ("admin", "alpha")
    ]
    assert answers == [by_admin, by_member]


def test_servers_are_served_under_their_other_name_too(gateway: Gateway) -> None:
    order = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}}
    made = gateway.call("POST", "/v2.1/os-volumes_boot", order)

    assert made.status == 202
    server_id = made.body["server"]["id"]
    assert gateway.pod_holding(server_id)
    listed = gateway.call("GET", "/v2.1/os-volumes_boot?limit=1").body
    assert [row["id"] for row in listed["servers"]] == [server_id]
    assert gateway.call("GET", f"/v2.1/os-volumes_boot/{server_id}").body["server"]["id"] == server_id
    assert gateway.call("DELETE", f"/v2.1/os-volumes_boot/{server_id}").status == 204
    assert gateway.call("GET", f"/v2.1/servers/{server_id}").status == 404


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ("-1", "'-1' does not match '^[0-9]*$'"),
        ("x", "'x' does not match '^[0-9]*$'"),
        ("", "'' should be non-empty"),
    ],
)
@pytest.mark.parametrize("noun", ["servers", "images", "os-volumes"])
def test_a_limit_that_is_none_is_refused_in_novas_words(
    gateway: Gateway, noun: str, limit: str, why: str
) -> None:
    answer = gateway.call("GET", f"/v2.1/{noun}?limit={limit}")

    message = f"Invalid input for query parameters limit. Value: {limit}. {why}"
    assert (answer.status, answer.body) == (400, {"badRequest": {"code": 400, "message": message}})


@pytest.mark.parametrize("noun", ["os-networks", "os-tenant-networks"])
def test_networks_are_those_of_the_pods_that_the_project_uses(
    gateway: Gateway, in_two_pods: tuple[str, str], noun: str
) -> None:
    networks = gateway.call("GET", f"/v2.1/{noun}").body["networks"]

    assert [row["id"] for row in networks] == [gateway.cloud.pods[pod].nova.network.id for pod in in_two_pods]
    for network in networks:
        assert gateway.call("GET", f"/v2.1/{noun}/{network['id']}").body == {"network": network}
    assert len(gateway.call("GET", f"/v2.1/{noun}", user="beta").body["networks"]) == 1
