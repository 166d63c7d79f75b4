"""Repeats: what a request is answered whose ``Idempotency-Key`` is known."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace

import pytest

from chalicelib.model.errors import KeyReused, OutcomePending, OutcomeUnknown, PodUnreachable, StillCreating
from chalicelib.model.intent import KeptAnswer, slot_of
from chalicelib.model.marked import Place
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.creating.making import written_answer
from chalicelib.service.creating.repeats import Repeats, digest_of
from tests.builders import NOW, PROJECT, a_pod, an_intent
from tests.service.desk import World

REQUEST = PodRequest("POST", "/servers", body=b'{"server": {}}', token="a-token")
SLOT = slot_of(PROJECT, "mine")
ORDER = ServerOrder(b"", {"server": {}}, "vm", "1")
POD = a_pod("pod-a")


def kept(**fields):
    return an_intent(SLOT + "f" * 12, key="mine", digest=digest_of(REQUEST), **fields)


class Trial(World):
    """An intent that is stored, and a pod whose search finds what a test says."""

    def __init__(self, intent=None, finds=None):
        super().__init__(POD)
        self.finds, self.searched = finds, []
        self.stored = self.outside.intents.put(intent) if intent else None
        self.repeats = Repeats(self.outside.intents, self.services.roster, self, self.clock)

    def settled(self, *asked):
        self.searched.append(asked)
        if isinstance(self.finds, Exception):
            raise self.finds
        return self.finds

    def answer(self, place=Place.TAG, **fields):
        making = SimpleNamespace(order=ORDER, place=place)
        return self.repeats.answer(making, replace(self.stored, **fields))


def test_without_a_key_or_with_a_new_one_nothing_is_known():
    trial = Trial(kept())

    assert trial.repeats.known(PROJECT, "", REQUEST) is None
    assert trial.repeats.known(PROJECT, "another", REQUEST) is None
    assert trial.repeats.known("another", "mine", REQUEST) is None


def test_until_it_is_settled_its_outcome_can_not_be_known():
    trial = Trial(kept(settle_at=NOW))
    assert trial.repeats.known(PROJECT, "mine", REQUEST) == trial.stored

    trial.clock.passes(-1)
    with pytest.raises(StillCreating):
        trial.repeats.known(PROJECT, "mine", REQUEST)


@pytest.mark.parametrize("ended", [kept().failed(), kept().done(("s-1",), None)])
def test_what_has_ended_is_known_at_once(ended):
    trial = Trial(ended)

    assert trial.repeats.known(PROJECT, "mine", REQUEST) == trial.stored


@pytest.mark.parametrize(
    "other",
    [
        {"method": "PUT"},
        {"path": "/os-servers"},
        {"body": b'{"server": {} }'},
        {"body": None},
        {"headers": {"x-openstack-nova-api-version": "2.90"}},
        {"legacy": True},
    ],
)
def test_another_request_with_the_same_key_is_refused_though_the_first_is_under_way(other):
    with pytest.raises(KeyReused):
        Trial(kept()).repeats.known(PROJECT, "mine", replace(REQUEST, **other))


def test_a_requests_digest_stays_the_same_from_release_to_release():
    versioned = replace(REQUEST, headers={"x-openstack-nova-api-version": "2.90"})

    assert digest_of(versioned) == sha256(b'POST /servers 2.90\n{"server": {}}').hexdigest()
    assert (
        digest_of(replace(REQUEST, legacy=True, body=None)) == sha256(b"POST /servers legacy\n").hexdigest()
    )
    assert digest_of(replace(REQUEST, body=None)) == sha256(b"POST /servers \n").hexdigest()


def test_the_answer_that_was_kept_is_given_again():
    answer = KeptAnswer(202, {"location": "/servers/s-1"}, '{"server": {"id": "s-1"}}')
    trial = Trial(kept().done(("s-1",), answer))

    reply = PodReply(202, {"location": "/servers/s-1"}, b'{"server": {"id": "s-1"}}')
    assert trial.answer() == PodAnswer(POD, reply)


def test_where_nobody_saw_the_answer_it_is_written_for_the_first_server():
    trial = Trial(kept().done(("s-1", "s-2"), None))

    assert trial.answer() == PodAnswer(POD, written_answer(ORDER, "s-1", {}))
    assert json.loads(trial.answer().reply.body)["server"]["id"] == "s-1"


@pytest.mark.parametrize("place", [Place.TAG, None])
def test_a_create_that_was_refused_made_nothing_with_or_without_a_marker(place):
    trial = Trial(kept().failed())

    assert trial.answer(place) is None
    assert trial.searched == []


def test_what_was_proven_absent_made_nothing_only_if_its_servers_would_carry_a_marker():
    trial = Trial(kept().absent(NOW).failed())

    assert trial.answer() is None
    with pytest.raises(OutcomeUnknown, match="list servers before trying again"):
        trial.answer(place=None)


def test_a_lost_create_is_looked_for_in_its_pod_and_answered():
    found = PodAnswer(POD, written_answer(ORDER, "s-1", {}))
    trial = Trial(kept(), finds=found)

    assert trial.answer() is found
    assert [pod for _, pod in trial.searched] == [POD]


@pytest.mark.parametrize("finds", [None, PodUnreachable("pod-a", "timed out", sent=True)])
def test_what_is_not_found_is_still_pending(finds):
    with pytest.raises(OutcomePending):
        Trial(kept(), finds=finds).answer()


@pytest.mark.parametrize("intent", [kept(pod_id="gone"), kept(pod_id="gone").done(("s-1",), None)])
def test_nobody_will_ever_know_what_came_of_it_in_a_pod_that_is_gone(intent):
    with pytest.raises(OutcomeUnknown, match="no longer there"):
        Trial(intent).answer()
