"""What a create names is in one pod: the server goes there, or nowhere."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import IMAGE, Gateway

NOWHERE = "00000000-0000-4000-8000-000000000000"


def network_of(gateway: Gateway, name: str) -> str:
    return gateway.cloud.pod(name).nova.network.id


@pytest.mark.parametrize("name", ["Pod1", "Pod2"])
def test_a_server_goes_where_its_network_is_and_the_binding_stays(gateway: Gateway, name: str) -> None:
    bound = gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])

    answer = gateway.create(availability_zone="az1", networks=[{"uuid": network_of(gateway, name)}])

    assert gateway.pod_holding(answer.body["server"]["id"]) == name
    (binding,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    assert (binding["pod_id"], binding["generation"]) == (gateway.pods[bound].pod_id, 1)


def test_a_network_of_another_zone_can_not_be_had_here(gateway: Gateway) -> None:
    answer = gateway.create(availability_zone="az1", networks=[{"uuid": network_of(gateway, "Pod3")}])

    assert answer.status == 400
    told = answer.body["badRequest"]["message"]
    assert "is in availability zone az2, and availability zone az1 was asked for" in told
    assert "Pod" not in told


def test_things_of_two_pods_can_not_be_had_together(gateway: Gateway) -> None:
    networks = [{"uuid": network_of(gateway, name)} for name in ("Pod1", "Pod2")]

    answer = gateway.create(networks=networks)

    assert answer.status == 400
    assert "are in different parts of availability zone az1" in answer.body["badRequest"]["message"]
    assert gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"] == []


def test_a_snapshot_of_a_server_steers_the_next_one_to_its_pod(gateway: Gateway) -> None:
    gateway.create(availability_zone="az1")
    (binding,) = gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"]
    other = next(name for name in ("Pod1", "Pod2") if gateway.pods[name].pod_id != binding["pod_id"])
    server = gateway.create(availability_zone="az1", networks=[{"uuid": network_of(gateway, other)}])
    taken = gateway.call(
        "POST", f"/v2.1/servers/{server.body['server']['id']}/action", {"createImage": {"name": "s"}}
    )
    image = taken.headers["location"].rsplit("/", 1)[-1]

    for asked in ({"imageRef": image}, {"block_device_mapping_v2": [image_disk(image)]}):
        again = gateway.create(availability_zone="az1", **asked)
        assert gateway.pod_holding(again.body["server"]["id"]) == other

    assert gateway.call("GET", "/v1.0/bindings", user="admin").body["pod_bindings"] == [binding]


def image_disk(image: str) -> dict[str, object]:
    return {"uuid": image, "source_type": "image", "destination_type": "local", "boot_index": 0}


@pytest.mark.parametrize("name", ["Pod1", "Pod2", "Pod3"])
@pytest.mark.parametrize("written", ["{zone}:{host}", "{zone}:{host}@{pod}", "{zone}:{host}:{host}"])
def test_an_admins_server_goes_to_the_pod_that_has_the_host(
    gateway: Gateway, name: str, written: str
) -> None:
    pod = gateway.cloud.pod(name)
    host = pod.hosts[-1].name
    asked = written.format(zone=gateway.pods[name].az_name, host=host, pod=name)

    answer = gateway.create(user="admin", availability_zone=asked)

    assert answer.status == 202, answer.body
    (server,) = pod.servers()
    assert server.host == host


@pytest.mark.parametrize("key", ["host", "hypervisor_hostname"])
@pytest.mark.parametrize("sign", ["", "@Pod3"])
def test_an_admin_names_a_host_without_a_zone(gateway: Gateway, key: str, sign: str) -> None:
    pod = gateway.cloud.pod("Pod3")
    host = pod.hosts[-1].name
    order = {"name": "vm", "flavorRef": "1", "imageRef": IMAGE, "networks": "none", key: host + sign}

    answer = gateway.call(
        "POST", "/v2.1/servers", {"server": order}, user="admin", OpenStack_API_Version="compute 2.74"
    )

    assert answer.status == 202, answer.body
    assert [server.host for server in pod.servers()] == [host]


def test_a_host_that_no_pod_has_is_refused_in_novas_words(gateway: Gateway) -> None:
    answer = gateway.create(user="admin", availability_zone="az1:nowhere")

    assert (answer.status, answer.body["badRequest"]["message"]) == (
        400,
        "Compute host nowhere could not be found.",
    )


def test_without_a_zone_the_network_chooses_it(gateway: Gateway) -> None:
    answer = gateway.create(networks=[{"uuid": network_of(gateway, "Pod3")}])

    assert gateway.pod_holding(answer.body["server"]["id"]) == "Pod3"


def test_a_network_that_nobody_has_gets_the_pods_own_refusal(gateway: Gateway) -> None:
    answer = gateway.create(networks=[{"uuid": NOWHERE}])

    assert answer.status == 400
    assert NOWHERE in answer.body["badRequest"]["message"]


def test_while_the_pod_with_the_network_is_silent_no_other_gets_the_server(gateway: Gateway) -> None:
    network_id = network_of(gateway, "Pod1")
    gateway.cloud.pod("Pod1").kill()

    answer = gateway.create(availability_zone="az1", networks=[{"uuid": network_id}])

    assert (answer.status, list(answer.body)) == (503, ["serviceUnavailable"])
    assert answer.headers["retry-after"]
    assert "Pod1" not in str(answer.body)
    assert gateway.cloud.pod("Pod2").servers() == []


def in_both_pods(gateway: Gateway) -> tuple[str, str]:
    """A server in Pod1 and one in Pod2, by their ids."""
    ids = []
    for name in ("Pod1", "Pod2"):
        networks = [{"uuid": network_of(gateway, name)}]
        ids.append(gateway.create(availability_zone="az1", networks=networks).body["server"]["id"])
    return ids[0], ids[1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Pod2", "is in another part of availability zone az1 than the server"),
        ("Pod3", "is in availability zone az2, and the server in az1"),
    ],
)
def test_a_network_that_is_elsewhere_can_not_be_attached_and_the_client_learns_why(
    gateway: Gateway, name: str, words: str
) -> None:
    server_id, _ = in_both_pods(gateway)
    network_id = network_of(gateway, name)

    attached = gateway.call(
        "POST", f"/v2.1/servers/{server_id}/os-interface", {"interfaceAttachment": {"net_id": network_id}}
    )

    assert (attached.status, list(attached.body)) == (400, ["badRequest"])
    told = attached.body["badRequest"]["message"]
    assert f"The network {network_id} {words}" in told
    assert "create a server that names this one" in told
    assert "Pod" not in told


def test_what_is_nowhere_keeps_novas_own_words(gateway: Gateway) -> None:
    server_id, _ = in_both_pods(gateway)

    attached = gateway.call(
        "POST", f"/v2.1/servers/{server_id}/os-interface", {"interfaceAttachment": {"net_id": NOWHERE}}
    )

    assert (attached.status, attached.body["itemNotFound"]["message"]) == (
        404,
        f"Network {NOWHERE} could not be found.",
    )


def test_what_the_pod_takes_is_asked_of_no_other_pod(gateway: Gateway) -> None:
    server_id, _ = in_both_pods(gateway)
    network_id = network_of(gateway, "Pod1")
    gateway.cloud.pod("Pod2").kill()

    attached = gateway.call(
        "POST", f"/v2.1/servers/{server_id}/os-interface", {"interfaceAttachment": {"net_id": network_id}}
    )

    assert attached.status == 200


def test_a_snapshot_says_where_it_is_and_rebuilds_no_server_elsewhere(gateway: Gateway) -> None:
    here, there = in_both_pods(gateway)
    taken = gateway.call("POST", f"/v2.1/servers/{there}/action", {"createImage": {"name": "s"}})
    image = taken.headers["location"].rsplit("/", 1)[-1]

    assert taken.headers["x-trio2o-note"] == (
        "The image is in availability zone az1, and servers made of it go there."
    )
    refused = gateway.call("POST", f"/v2.1/servers/{here}/action", {"rebuild": {"imageRef": image}})
    assert refused.status == 400
    assert "is in another part of availability zone az1" in refused.body["badRequest"]["message"]
    rebuilt = gateway.call("POST", f"/v2.1/servers/{there}/action", {"rebuild": {"imageRef": image}})
    assert (rebuilt.status, "x-trio2o-note" in rebuilt.headers) == (202, False)
