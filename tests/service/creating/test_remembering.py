"""Remembering: which servers a create made, each with its share of what was claimed, and that it is done."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Share
from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import StoreBusy
from chalicelib.model.intent import MOST_JOINED, IntentState
from chalicelib.model.location import Location
from chalicelib.model.marked import Place
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.creating.intents import KeptIntent
from chalicelib.service.creating.making import LEAST_LOOK_SECONDS, Making
from chalicelib.service.creating.remembering import Remembering
from tests.builders import NOW, PROJECT, a_claim, a_pod, an_intent
from tests.service.desk import World

SMALL = Amounts(1, 2048, 20, 1)
NO_DECISIONS = SimpleNamespace()  # an accepted create writes none here
CALLER = SimpleNamespace(
    identity=SimpleNamespace(project_id=PROJECT, user_id="user-1"), request_id="req-1", token="t"
)
NAMES_ONE = PodReply(202, {}, b'{"server": {"id": "s1"}}')
NAMES_NONE = PodReply(202, {}, b'{"reservation_id": "r-1"}')


class Listing:
    """A pod that lists these servers, which carry the marker if they have tags for it."""

    def __init__(self, *server_ids, named=None, tags=()):
        names = {x: f"fleet-{x}" for x in server_ids} | (named or {})
        rows = [{"id": x, "name": names[x], "created": NOW.isoformat(), "tags": tags} for x in server_ids]
        self.reply = PodReply(200, {}, json.dumps({"servers": rows}).encode())
        self.asked = []

    def send(self, pod, request):
        self.asked.append(request.path)
        return self.reply


class Bookkeeping:
    """The stores, with the intent of a create of ``count`` servers in pod a, which is just sent."""

    def __init__(self, pod=None, count=1, *, place=None, key="", deadline=NO_DEADLINE, locations=None):
        outside = World().outside
        self.locations, self.intents = locations or outside.locations, outside.intents
        begun = self.intents.put(an_intent(pod_id="a", decision_id="d1", count=count, key=key))
        intent = KeptIntent(self.intents, self.locations, lambda: NOW, timedelta(minutes=5), begun, begun)
        order = ServerOrder(b"", {"server": {}}, "fleet", "1", count=count)
        request = PodRequest("POST", "/servers", deadline=deadline)
        self.making = Making(CALLER, order, request, intent, place, pod or Listing(), self.locations)
        decision = SimpleNamespace(
            decision_id="d1", may_have_made=lambda at: True, spec=SimpleNamespace(requested_at=NOW)
        )
        claim = a_claim("a", SMALL, "d1", count=count)
        self.chosen = SimpleNamespace(pod=a_pod("a"), decision=decision, claim=claim)

    def remember(self, reply=NAMES_ONE):
        Remembering(self.locations, NO_DECISIONS, lambda: NOW).created(self.making, self.chosen, reply)
        return self

    @property
    def intent(self):
        return self.intents.get(self.making.intent.first.slot)

    @property
    def shares(self):
        return {each.resource_id: each.share for each in self.locations.of_pod("a")}


def shares_after(count, *listed, reply=NAMES_ONE, locations=None, named=None):
    """What the locations hold after a create without marker of ``count`` whose first server is s1."""
    return Bookkeeping(Listing(*listed, named=named), count, locations=locations).remember(reply).shares


def test_one_server_has_the_only_share_and_the_create_is_done():
    books = Bookkeeping().remember()

    assert books.shares == {"s1": Share("a", "d1", 0)}
    assert (books.intent.state, books.intent.server_ids) == (IntentState.DONE, ("s1",))
    assert books.intent.answer is None  # nobody can ask for it


def test_location_and_end_of_the_intent_are_one_transaction(monkeypatch):
    books = Bookkeeping()
    written = []
    put = books.intents.put
    monkeypatch.setattr(
        books.intents, "put", lambda intent, also=(): written.append(also) or put(intent, also)
    )
    monkeypatch.setattr(books.locations, "remember", lambda _: pytest.fail("a write of its own"))

    books.remember()

    assert [len(also) for also in written] == [1]
    assert books.shares.keys() == {"s1"}


def test_a_client_with_a_key_can_have_the_answer_again_but_never_the_password():
    body = {"server": {"id": "s1", "adminPass": "secret", "links": []}}
    headers = {"location": "/servers/s1", "set-cookie": "no", "x-openstack-request-id": "req-9"}
    books = Bookkeeping(key="mine").remember(PodReply(202, headers, json.dumps(body).encode()))

    answer = books.intent.answer
    assert json.loads(answer.body) == {"server": {"id": "s1", "links": []}}
    assert answer.headers == {"location": "/servers/s1", "x-openstack-request-id": "req-9"}


def test_several_servers_are_those_with_the_marker_and_have_a_share_each():
    pod = Listing("s1", "s2", "s3", tags=[str(an_intent().marker)], named={"s2": "other"})
    books = Bookkeeping(pod, 3, place=Place.TAG).remember()

    assert books.shares == {f"s{n + 1}": Share("a", "d1", n) for n in range(3)}
    assert books.intent.server_ids == ("s1", "s2", "s3")
    assert pod.asked == [f"/servers/detail?tags={str(an_intent().marker).replace(':', '%3A')}&limit=3"]


def test_a_list_that_does_not_show_the_named_server_leaves_the_create_to_the_reconciler():
    books = Bookkeeping(Listing("s2", "s3"), 3, place=Place.TAG).remember()

    assert books.shares.keys() == {"s1"}
    assert books.intent.state is IntentState.POSTING


def test_several_servers_have_a_share_each_by_their_names_where_they_have_no_marker():
    held = shares_after(3, "s1", "s2", "s3")

    assert held.keys() == {"s1", "s2", "s3"}
    assert set(held.values()) == {Share("a", "d1", number) for number in range(3)}


def test_servers_of_another_create_never_make_it_more_shares_than_were_claimed():
    held = shares_after(2, "s4", "s3", "s2", "s1")

    assert len(held) == 4
    assert {share for share in held.values() if share} == {Share("a", "d1", 0), Share("a", "d1", 1)}


def test_a_server_that_has_its_share_already_takes_none_of_another_create():
    locations = World().outside.locations
    theirs = Share("a", "their create", 0)
    locations.remember(Location("s3", PROJECT, "a", NOW, share=theirs))

    held = shares_after(2, "s3", "s1", "s2", locations=locations)

    assert held["s3"] == theirs
    assert {held["s1"], held["s2"]} == {Share("a", "d1", 0), Share("a", "d1", 1)}


def test_a_server_that_a_list_has_located_meanwhile_is_still_of_the_create_that_made_it():
    locations = World().outside.locations
    locations.remember(Location("s2", CALLER.identity.project_id, "a", NOW))

    held = shares_after(2, "s1", "s2", locations=locations)

    assert {held["s1"], held["s2"]} == {Share("a", "d1", 0), Share("a", "d1", 1)}


def test_a_server_of_another_create_is_left_to_that_one():
    held = shares_after(2, "s1", "s2", "other", named={"other": "web"})

    assert held.keys() == {"s1", "s2"}


@pytest.mark.parametrize("body", [b"[]", b"null", b"<html>", b'{"server": [1]}', b"[" * 5000])
def test_an_answer_that_names_no_server_leaves_those_that_the_pod_lists(body):
    assert shares_after(1, "s1", reply=PodReply(202, {}, body)) == {"s1": Share("a", "d1", 0)}


def test_a_list_that_is_no_answer_leaves_the_named_server_remembered_and_the_rest_to_be_found():
    pod = Listing()
    pod.reply = PodReply(200, {}, b'{"servers": [{"id": "s2"}, {"name": "no id"}]}')

    books = Bookkeeping(pod, 2).remember()

    assert books.shares.keys() == {"s1"}
    assert books.intent.state is IntentState.POSTING


def test_the_servers_of_a_reservation_are_known_by_it_all_of_them():
    pod = Listing(*(f"s{number}" for number in range(250)), named={"s0": "other"})

    books = Bookkeeping(pod, 250).remember(NAMES_NONE)

    assert len(books.shares) == len(books.intent.server_ids) == 250
    assert pod.asked == ["/servers/detail?limit=250&reservation_id=r-1"]
    assert {share.token for share in books.shares.values()} == {"d1"}


def test_a_create_of_hundreds_is_done_with_the_last_of_its_transactions():
    pod = Listing(*(f"s{number}" for number in range(2 * MOST_JOINED + 1)))
    books = Bookkeeping(pod, 2 * MOST_JOINED + 1)
    put, seen = books.intents.put, []

    def watched(intent, also=()):
        seen.append((intent.state, len(also)))
        return put(intent, also)

    books.intents.put = watched
    books.remember(NAMES_NONE)

    posting, done = IntentState.POSTING, IntentState.DONE
    assert seen == [(posting, MOST_JOINED), (posting, MOST_JOINED), (done, 1)]


def test_the_pods_id_of_the_create_is_remembered_with_each_of_its_servers():
    pods_id = "req-00000000-0000-4000-8000-000000000000"
    reply = replace(NAMES_NONE, headers={"x-openstack-request-id": pods_id})

    books = Bookkeeping(Listing("s1", "s2"), 2).remember(reply)

    assert {each.pod_request_id for each in books.locations.of_pod("a")} == {pods_id}


def test_when_the_clients_time_is_nearly_over_the_rest_is_left_to_be_found():
    deadline = Deadline(NOW + timedelta(seconds=LEAST_LOOK_SECONDS / 2), lambda: NOW)

    books = Bookkeeping(Listing("s1", "s2"), 2, deadline=deadline).remember(NAMES_NONE)

    assert books.shares == {}
    assert books.intent.state is IntentState.POSTING


def test_a_location_that_another_request_wrote_meanwhile_does_not_keep_the_create_from_being_done():
    locations = World().outside.locations
    locations.remember(Location("s1", PROJECT, "a", NOW, decision_id="d1", share=Share("a", "d1", 0)))

    books = Bookkeeping(Listing("s1", "s2"), 2, locations=locations).remember(NAMES_NONE)

    assert (books.intent.state, books.intent.server_ids) == (IntentState.DONE, ("s1", "s2"))


def test_whatever_the_store_does_the_client_gets_its_answer():
    books = Bookkeeping()

    def fail(*_):
        raise StoreBusy("busy")

    books.intents.put = fail
    books.remember()

    assert books.intent.state is IntentState.POSTING  # the server is found by its marker
