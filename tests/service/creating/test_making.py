"""Making: what a pod is sent, what of its refusal is told, and how the servers of a create are found."""

import json
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Unavailable
from chalicelib.model.intent import Marker
from chalicelib.model.marked import Place
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.creating.making import Making, joined, written_answer
from tests.builders import NOW, a_pod
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, reply

MARK = {"x-openstack-request-id": "r"}
POD = a_pod("pod-a", pod_az_name="nova-east")
MARKER = Marker("a" * 40, 1)
ID = "00000000-0000-4000-8000-000000000001"


def an_order(**server):
    body = {"server": {"name": "vm", "flavorRef": "1", "imageRef": "i", **server}}
    return ServerOrder(json.dumps(body).encode(), body, "vm", "1", count=2)


def making(says, place=Place.TAG, order=None, left=10.0, **intent):
    pods = ScriptedPods(pod_a=says)
    request = PodRequest("POST", "/servers", token="t", deadline=Deadline.after(left, lambda: NOW))
    kept = SimpleNamespace(**{"marker": MARKER, "is_settled": False, **intent})
    return Making(TENANT, order or an_order(), request, kept, place, pods, locations=None), pods.asked


def listing(*rows):
    return reply({"servers": list(rows)}, 200, **MARK)


def a_row(**fields):
    return {"id": ID, "name": "vm", "created": "2025-06-01T12:00:00Z", "tags": [str(MARKER)], **fields}


def test_a_refusal_that_repeats_the_marker_is_told_without_it():
    told = f"Additional properties are not allowed: {{'name': 'vm', 'tags': ['{MARKER}']}}"
    refused = reply({"badRequest": {"code": 400, "message": told}}, 400, **MARK)

    answer = making(refused)[0].post(POD)
    assert (answer.status, str(MARKER).encode() in answer.body) == (400, False)
    assert b"{'name': 'vm'}" in answer.body


def test_an_accepted_create_is_handed_on_as_it_is():
    accepted = reply({"server": {"id": ID}}, 202, **MARK)
    make, asked = making(accepted)

    assert make.post(POD) is accepted
    assert json.loads(asked[0][1].body)["server"]["tags"] == [str(MARKER)]


@pytest.mark.parametrize(("left", "sent"), [(1.9, 0), (2.0, 1)])
def test_nothing_is_sent_that_could_have_no_reply_in_time(left, sent):
    make, asked = making(reply({}, 202, **MARK), left=left)
    if not sent:
        with pytest.raises(Unavailable, match="nothing was created"):
            make.post(POD)
    else:
        make.post(POD)

    assert len(asked) == sent


@pytest.mark.parametrize(("left", "sent"), [(0.9, 0), (1.0, 1)])
def test_nothing_is_looked_for_without_time_for_an_answer(left, sent):
    make, asked = making(listing(), left=left)
    if not sent:
        with pytest.raises(Unavailable, match="no time left to look"):
            make.with_marker(POD)
    else:
        assert make.with_marker(POD) == []

    assert len(asked) == sent


def query_of(asked):
    ((_, request),) = asked
    assert (request.method, request.body) == ("GET", None)
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def test_servers_with_a_tag_are_asked_for_by_it_and_those_of_other_creates_are_left_out():
    other = a_row(id=ID[:-1] + "2", tags=[str(Marker("b" * 40, 1))])
    make, asked = making(listing(a_row(), other))
    chosen = SimpleNamespace(pod=POD)

    assert [row["id"] for row in make.made(chosen, None)] == [ID]
    assert query_of(asked) == {"tags": str(MARKER), "limit": "2"}


@pytest.mark.parametrize(("is_settled", "limit"), [(False, "202"), (True, "1000")])
def test_servers_with_metadata_are_looked_for_among_the_newest_of_the_project(is_settled, limit):
    row = a_row(tags=[], metadata={str(MARKER): ""})
    make, asked = making(listing(row), Place.METADATA, is_settled=is_settled)

    assert [row["id"] for row in make.with_marker(POD)] == [ID]
    assert query_of(asked) == {"limit": limit}
    assert asked[0][1].read_timeout_seconds == 3.02


def test_servers_without_a_marker_are_told_by_their_reservation():
    make, asked = making(listing(a_row()), None)

    assert len(make.made(SimpleNamespace(pod=POD), "r-1")) == 1
    assert query_of(asked) == {"limit": "2", "reservation_id": "r-1"}


def test_a_create_is_the_clients_own_request_with_the_pods_zone_and_the_marker():
    make, asked = making(
        reply({}, 202, **MARK), order=replace(an_order(availability_zone="az1"), az_name="az1")
    )
    make.post(POD)

    ((pod_id, sent),) = asked
    assert (pod_id, replace(sent, body=None)) == ("pod-a", make.request)
    assert json.loads(sent.body) == {
        "server": {
            "name": "vm",
            "flavorRef": "1",
            "imageRef": "i",
            "availability_zone": "nova-east",
            "tags": [str(MARKER)],
        }
    }


def test_an_answer_that_was_lost_is_written_anew_as_nova_writes_it():
    plain = written_answer(an_order(), ID, {"OS-DCF:diskConfig": "AUTO"})
    assert json.loads(plain.body)["server"] == {
        "id": ID,
        "links": [
            {"rel": "self", "href": f"/v2.1/servers/{ID}"},
            {"rel": "bookmark", "href": f"/servers/{ID}"},
        ],
        "OS-DCF:diskConfig": "AUTO",
        "security_groups": [{"name": "default"}],
    }
    assert (plain.status, plain.headers["location"]) == (202, f"/v2.1/servers/{ID}")
    assert plain.headers["content-type"] == "application/json"

    asked = an_order(**{"OS-DCF:diskConfig": "AUTO", "security_groups": [{"name": "web"}]})
    server = json.loads(written_answer(asked, ID, {}).body)["server"]
    assert (server["OS-DCF:diskConfig"], server["security_groups"]) == ("AUTO", [{"name": "web"}])
    assert json.loads(written_answer(an_order(), ID, {}).body)["server"]["OS-DCF:diskConfig"] == "MANUAL"


@pytest.mark.parametrize(
    ("row", "told"), [({"OS-EXT-SRV-ATTR:reservation_id": "r-1"}, {"reservation_id"}), ({}, {"server"})]
)
def test_a_reservation_is_told_to_who_asked_for_it_where_the_row_shows_it(row, told):
    order = an_order(return_reservation_id=True)

    assert set(json.loads(written_answer(order, ID, row).body)) == told
    assert set(json.loads(written_answer(an_order(), ID, row).body)) == {"server"}


def test_the_server_that_an_answer_names_is_among_those_that_the_pod_lists_once():
    one, other = a_row(), a_row(id="another")

    assert joined([one, other], None) == [one, other]
    assert joined([one, other], {"id": ID}) == [one, other]
    assert joined([other], one) == [other, one]
