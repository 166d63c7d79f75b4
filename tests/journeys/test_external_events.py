"""What Neutron and Cinder tell Nova reaches the pod that holds the server or the volume."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from local.standin.script import Trouble
from tests.journeys.test_operators_nouns import NEWEST, ask

PATH = "/os-server-external-events"
NOBODY = "00000000-0000-4000-8000-000000000009"
VOLUME = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def servers(gateway):
    """A server in az1 and one in az2."""
    return [gateway.create(availability_zone=zone).body["server"]["id"] for zone in ("az1", "az2")]


def event(server_id, name="network-changed", **fields):
    return {"name": name, "server_uuid": server_id, **fields}


def tell(gateway, *events, user="admin"):
    return ask(gateway, PATH, method="POST", body={"events": list(events)}, user=user)


def codes(answer):
    return [each["code"] for each in answer.body["events"]]


def taken(gateway, pod_name):
    return [each["server_uuid"] for each in gateway.cloud.pods[pod_name].nova.external_events]


def test_events_are_split_by_pod_and_merged_in_their_order(gateway, servers):
    one, other = servers
    events = [event(other, tag="p1"), event(one), event(other, status="failed")]

    answer = tell(gateway, *events)

    assert answer.status == 200
    assert [(each["server_uuid"], each["status"], each["code"]) for each in answer.body["events"]] == [
        (other, "completed", 200),
        (one, "completed", 200),
        (other, "failed", 200),
    ]
    assert answer.body["events"][0]["tag"] == "p1"
    assert taken(gateway, gateway.pod_holding(one)) == [one]
    assert taken(gateway, "Pod3") == [other, other]


def test_what_one_pod_refuses_does_not_stop_the_others(gateway, servers):
    one, other = servers

    answer = tell(gateway, event(NOBODY), event(one), event(other, "volume-extended"))

    assert (answer.status, codes(answer)) == (207, [404, 200, 400])
    assert [each["status"] for each in answer.body["events"]] == ["failed", "completed", "failed"]


def test_a_server_without_a_location_is_looked_for_in_all_pods(gateway):
    made = gateway.create(availability_zone="az2").body["server"]["id"]
    gateway.stores.locations._locations.clear()

    assert codes(tell(gateway, event(made), event(NOBODY))) == [200, 404]
    assert taken(gateway, "Pod3") == [made]


def test_an_event_whose_pod_is_silent_failed_for_now(gateway, servers):
    one, other = servers
    gateway.cloud.pods["Pod3"].kill()

    answer = tell(gateway, event(one), event(other), event(NOBODY))

    assert (answer.status, codes(answer)) == (207, [200, 503, 503])
    assert tell(gateway, event(other)).status == 503, "the sender may repeat the whole"


@pytest.mark.parametrize("told", [[], {}, {"events": 7}, {"events": []}, {"events": [7]}, {"events": [{}]}])
def test_a_pod_that_does_not_tell_what_became_of_an_event_is_silent(gateway, servers, told):
    one, other = servers
    mark = {"x-openstack-request-id": "req-9"}
    gateway.cloud.pods["Pod3"].trouble(Trouble(method="POST", status=200, body=told, headers=mark))

    answer = tell(gateway, event(one), event(other))

    assert (answer.status, codes(answer)) == (207, [200, 503])


@pytest.mark.parametrize("events", [[], [7], [{"name": "network-changed"}], "x", None])
def test_what_no_pod_can_read_is_novas_400(gateway, events):
    assert ask(gateway, PATH, method="POST", body={"events": events}).status == 400
    assert ask(gateway, PATH, method="POST", body=b"{").status == 400


def test_a_service_may_tell_and_a_member_may_not(gateway, servers):
    gateway.cloud.keystone.add_user("nova", "nova-pass", "service", "service")

    assert tell(gateway, event(servers[0]), user="nova").status == 200
    assert tell(gateway, event(servers[0]), user="alpha").status == 403
    assert ask(gateway, "/os-hypervisors", user="nova").status == 403
    assert gateway.call("GET", "/v2.1/servers", user="nova").status == 403


def test_a_volumes_snapshot_is_made_where_the_volume_is_attached(gateway, servers):
    path = "/os-assisted-volume-snapshots"
    order = {"snapshot_id": "s", "type": "qcow2", "new_file": "f", "id": NOBODY}
    body = {"snapshot": {"volume_id": VOLUME, "create_info": order}}
    unknown = ask(gateway, path, method="POST", body=body)
    assert unknown.status == 400
    assert unknown.body["badRequest"]["message"] == f"No volume Block Device Mapping with id {VOLUME}."
    attached = {"volumeAttachment": {"volumeId": VOLUME}}
    assert gateway.call("POST", f"/v2.1/servers/{servers[1]}/os-volume_attachments", attached).status == 200

    made = ask(gateway, path, method="POST", body=body)
    info = quote(json.dumps({"volume_id": VOLUME}))
    gone = ask(gateway, f"{path}/{NOBODY}?delete_info={info}", NEWEST, "DELETE")

    assert (made.status, made.body) == (200, {"snapshot": {"id": NOBODY, "volumeId": VOLUME}})
    assert gone.status == 204
    gateway.cloud.pods["Pod3"].kill()
    assert ask(gateway, path, method="POST", body=body).status == 504
