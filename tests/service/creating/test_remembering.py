"""Remembering: each new server's location carries its share of what its create claimed."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Share
from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.creating.remembering import LEAST_SECONDS, Remembering
from tests.builders import NOW, PROJECT, a_claim, a_pod

SMALL = Amounts(1, 2048, 20, 1)
NO_DECISIONS = SimpleNamespace()  # an accepted create writes none here
CALLER = SimpleNamespace(identity=SimpleNamespace(project_id=PROJECT), request_id="req-1")


class Listing:
    """A pod that lists these servers."""

    def __init__(self, *server_ids, named=None):
        names = {x: f"fleet-{x}" for x in server_ids} | (named or {})
        servers = [{"id": x, "name": names[x], "created": NOW.isoformat()} for x in server_ids]
        self.reply = PodReply(200, {}, json.dumps({"servers": servers}).encode())

    def send(self, pod, request):
        return self.reply


def shares_after(count, *listed, body=b'{"server": {"id": "s1"}}', locations=None, named=None):
    """What the locations hold after a create of ``count`` whose first server is s1."""
    locations = locations or MemoryLocationStore(lambda: NOW)
    decision = SimpleNamespace(decision_id="d1", may_have_made=lambda at: True)
    chosen = SimpleNamespace(pod=a_pod("a"), decision=decision, claim=a_claim("a", SMALL, "d1", count=count))
    order = ServerOrder(b"", {}, "fleet", "1", count=count)
    reply = PodReply(202, {}, body)
    pod = Listing(*listed, named=named)
    remembering = Remembering(locations, NO_DECISIONS, pod, lambda: NOW)
    remembering.created(CALLER, order, chosen, reply, PodRequest("POST", "/servers"))
    return {location.resource_id: location.share for location in locations.of_pod("a")}


def test_one_server_has_the_only_share():
    assert shares_after(1) == {"s1": Share("a", "d1", 0)}


def test_several_servers_have_a_share_each_the_named_one_too_when_it_is_not_listed():
    held = shares_after(3, "s2", "s3")

    assert held.keys() == {"s1", "s2", "s3"}
    assert set(held.values()) == {Share("a", "d1", number) for number in range(3)}


def test_servers_of_another_create_never_make_it_more_shares_than_were_claimed():
    held = shares_after(2, "s4", "s3", "s2", "s1")

    assert len(held) == 4
    assert {share for share in held.values() if share} == {Share("a", "d1", 0), Share("a", "d1", 1)}


def test_a_server_that_has_its_share_already_takes_none_of_another_create():
    locations = MemoryLocationStore(lambda: NOW)
    theirs = Share("a", "their create", 0)
    locations.remember(Location("s3", PROJECT, "a", NOW, share=theirs))

    held = shares_after(2, "s3", "s1", "s2", locations=locations)

    assert held["s3"] == theirs
    assert {held["s1"], held["s2"]} == {Share("a", "d1", 0), Share("a", "d1", 1)}


def test_a_server_of_another_create_is_left_to_that_one():
    held = shares_after(2, "s1", "s2", "other", named={"other": "web"})

    assert held.keys() == {"s1", "s2"}


@pytest.mark.parametrize("body", [b"[]", b"null", b"<html>", b'{"server": [1]}', b"[" * 5000])
def test_an_answer_that_names_no_server_leaves_those_that_the_pod_lists(body):
    assert shares_after(1, "s1", body=body) == {"s1": Share("a", "d1", 0)}


def test_a_list_that_is_no_answer_leaves_the_named_server_remembered():
    class Nonsense(Listing):
        def send(self, pod, request):
            return PodReply(200, {}, b'{"servers": [{"id": "s2"}, {"name": "no id"}]}')

    locations = MemoryLocationStore(lambda: NOW)
    remembering = Remembering(locations, NO_DECISIONS, Nonsense(), lambda: NOW)
    decision = SimpleNamespace(decision_id="d1", may_have_made=lambda at: True)
    chosen = SimpleNamespace(pod=a_pod("a"), decision=decision, claim=a_claim("a", SMALL, count=2))
    reply = PodReply(202, {}, b'{"server": {"id": "s1"}}')

    remembering.created(
        CALLER, ServerOrder(b"", {}, "fleet", "1", count=2), chosen, reply, PodRequest("POST", "/servers")
    )

    assert [location.resource_id for location in locations.of_pod("a")] == ["s1"]


class Reserved(Listing):
    """A pod that lists what is of a reservation."""

    def __init__(self, *server_ids):
        super().__init__(*server_ids, named={server_id: "other" for server_id in server_ids})
        self.asked = []

    def send(self, pod, request):
        self.asked.append(request.path)
        return self.reply


def remembered(pod, count, reply, deadline=NO_DEADLINE):
    locations = MemoryLocationStore(lambda: NOW)
    decision = SimpleNamespace(decision_id="d1", may_have_made=lambda at: False)
    chosen = SimpleNamespace(pod=a_pod("a"), decision=decision, claim=a_claim("a", SMALL, "d1", count=count))
    order = ServerOrder(b"", {}, "fleet", "1", count=count)
    remembering = Remembering(locations, NO_DECISIONS, pod, lambda: NOW)
    remembering.created(CALLER, order, chosen, reply, PodRequest("POST", "/servers", deadline=deadline))
    return locations.of_pod("a")


def test_the_servers_of_a_reservation_are_known_by_it_all_of_them():
    pod = Reserved(*(f"s{number}" for number in range(250)))

    found = remembered(pod, 250, PodReply(202, {}, b'{"reservation_id": "r-1"}'))

    assert len(found) == 250
    assert pod.asked == ["/servers/detail?limit=250&reservation_id=r-1"]
    assert {location.share.token for location in found} == {"d1"}


def test_the_pods_id_of_the_create_is_remembered_with_each_of_its_servers():
    pods_id = "req-00000000-0000-4000-8000-000000000000"
    reply = PodReply(202, {"x-openstack-request-id": pods_id}, b'{"reservation_id": "r-1"}')

    assert {each.pod_request_id for each in remembered(Reserved("s1", "s2"), 2, reply)} == {pods_id}


def test_when_the_clients_time_is_nearly_over_the_rest_is_left_to_searches():
    deadline = Deadline(NOW + timedelta(seconds=LEAST_SECONDS / 2), lambda: NOW)

    assert (
        remembered(Reserved("s1", "s2"), 2, PodReply(202, {}, b'{"reservation_id": "r-1"}'), deadline) == []
    )
