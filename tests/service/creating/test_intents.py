"""Intents: what a create is about to make is stored before each pod is told, and its end afterwards."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import change_of
from chalicelib.model.errors import (
    BindingConflict,
    KeyReused,
    OutcomePending,
    OutcomeUnknown,
    PodUnreachable,
    StillCreating,
    StoreBusy,
    Unavailable,
)
from chalicelib.model.intent import IntentState, marker_in, slot_of
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.creating.intents import MOST_ATTEMPTS
from tests.builders import PROJECT, a_binding, a_filled_pod, a_flavor
from tests.service.desk import World
from tests.service.observing.small_nova import TENANT

PODS = [a_filled_pod(f"pod-{letter}", catalogue={"m1.small": a_flavor()}) for letter in "abc"]
MARK = {"x-openstack-request-id": "req-pod"}
SETTLE = timedelta(seconds=300)
BODY = {"server": {"name": "vm", "flavorRef": "1", "metadata": {"b": "2"}}}
ORDER = ServerOrder(json.dumps(BODY).encode(), BODY, "vm", "m1.small")


def silence(sent):
    return PodUnreachable("pod", "it doesn't answer", sent=sent)


def refusal(status=400, message="no such image"):
    return PodReply(status, MARK, json.dumps({"forbidden": {"code": status, "message": message}}).encode())


class Trial(World):
    """Creates of a tenant over three pods that do what a test says, and keep what they were sent.

    An outcome is a reply, or an error; with ``late`` the pods make the server all the same.
    """

    def __init__(self, *outcomes, late=False, **scripted):
        self.outcomes, self.late, self.servers, self.seen, self.looks = list(outcomes), late, {}, [], 0
        super().__init__(*PODS, client=self, **scripted)
        object.__setattr__(self.services.servers.finding, "pause", self.clock.passes)
        object.__setattr__(self.services.servers.repeats.finding, "pause", self.clock.passes)

    def create(self, key="", body=b"{}", order=None):
        request = PodRequest("POST", "/servers", body=body, token="a-token")
        return self.services.servers.create(TENANT, order or ORDER, request, key)

    def send(self, pod, request):
        if request.method == "GET":
            self.looks += 1
            mine = [row for row in self.servers.values() if row["pod"] == pod.pod_id]
            return PodReply(200, MARK, json.dumps({"servers": mine}).encode())
        self.seen.append((pod.pod_id, self.intents, json.loads(request.body)["server"]["metadata"]))
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is None or self.late:
            server_id = f"00000000-0000-4000-8000-{len(self.servers):012}"
            self.servers[server_id] = {"id": server_id, "pod": pod.pod_id, "metadata": self.seen[-1][2]}
        if isinstance(outcome, Exception):
            raise outcome
        answer = {"server": {"id": next(reversed(self.servers), ""), "adminPass": "secret"}}
        return outcome or PodReply(202, MARK, json.dumps(answer).encode())

    @property
    def intents(self):
        return list(self.outside.intents._intents.values())

    @property
    def intent(self):
        (intent,) = self.intents
        return intent

    @property
    def claimed(self):
        balances = (self.outside.claims.read(pod.pod_id) for pod in PODS)
        return sum((balance.claimed for balance in balances if balance), Amounts())


def test_the_intent_is_stored_when_the_pod_is_told_and_its_marker_is_on_the_server():
    trial = Trial()
    trial.create()

    ((pod_id, (told,), metadata),) = trial.seen
    assert (told.state, told.pod_id, told.attempt) == (IntentState.POSTING, pod_id, 1)
    assert told.settle_at == trial.clock.now + SETTLE
    assert list(metadata) == ["b", str(told.marker)]
    assert trial.intent.state is IntentState.DONE
    location = trial.outside.locations.get(trial.intent.server_ids[0])
    assert location.decision_id == told.decision_id == location.share.token


@pytest.mark.parametrize("outcome", [None, refusal()])
def test_a_creates_decision_is_found_by_the_id_of_its_request(outcome):
    trial = Trial(outcome)
    trial.create()

    assert [each.action for each in trial.outside.decisions.of_request(TENANT.request_id)] == ["create"]


def test_each_create_has_an_intent_of_its_own():
    trial = Trial()
    trial.create(), trial.create()

    assert len({intent.slot for intent in trial.intents}) == 2


@pytest.mark.parametrize("bound", [False, True])
def test_a_binding_that_is_written_is_written_with_the_intent_or_not_at_all(bound, monkeypatch):
    trial = Trial()
    if bound:
        trial.outside.bindings.commit(change_of(None, a_binding("pod-b")))
    alone = []
    put = trial.outside.intents.put
    monkeypatch.setattr(
        trial.outside.intents, "put", lambda intent, also=(): alone.append(intent.state) or put(intent, also)
    )

    trial.create()

    assert alone == [IntentState.POSTING] * bound + [IntentState.DONE]


@pytest.mark.parametrize("bound", [False, True])
def test_without_its_intent_nothing_is_sent_and_nothing_stays_claimed(bound, monkeypatch):
    trial = Trial()
    if bound:
        trial.outside.bindings.commit(change_of(None, a_binding("pod-b")))

    def fail(*_):
        raise StoreBusy("busy")

    monkeypatch.setattr(trial.outside.intents, "put", fail)
    monkeypatch.setattr(trial.outside.intents, "write", fail)
    with pytest.raises(StoreBusy):
        trial.create()

    assert (trial.seen, trial.claimed) == ([], Amounts())


@pytest.mark.parametrize(
    "outcome", [silence(sent=False), refusal(403, "Quota exceeded for cores: Requested 1, but ...")]
)
def test_the_next_attempt_is_written_before_the_next_pod_is_told(outcome):
    trial = Trial(outcome)
    trial.create()

    (first_pod, (first,), _), (second_pod, (second,), metadata) = trial.seen
    assert (first.pod_id, first.attempt) == (first_pod, 1)
    assert (second.pod_id, second.attempt, second.state) == (second_pod, 2, IntentState.POSTING)
    assert first_pod != second_pod
    assert second.intent_id == first.intent_id
    assert [marker_in(key) for key in metadata] == [None, second.marker]


@pytest.mark.parametrize(
    "outcomes", [[refusal()], [refusal(503)], [silence(sent=False)] * 3, [KeyError("x")]]
)
def test_what_made_nothing_has_failed(outcomes):
    trial = Trial(*outcomes)
    with suppress(Unavailable, KeyError):
        trial.create()

    assert (trial.intent.state, trial.claimed) == (IntentState.FAILED, Amounts())


def test_a_lost_answer_is_looked_for_and_the_pod_is_told_once():
    trial = Trial(silence(sent=True), late=True)

    answer = trial.create()

    assert answer.reply.status == 202
    assert len(trial.seen) == len(trial.servers) == 1
    assert json.loads(answer.reply.body)["server"]["id"] == trial.intent.server_ids[0]
    assert trial.intent.state is IntentState.DONE


def test_a_lost_create_of_several_of_which_one_shows_is_answered_and_the_others_are_still_looked_for():
    trial = Trial(silence(sent=True), late=True)

    answer = trial.create(order=replace(ORDER, count=3, least_count=3))

    (found,) = trial.servers
    assert json.loads(answer.reply.body)["server"]["id"] == found
    assert trial.outside.locations.get(found).decision_id == trial.intent.decision_id
    assert trial.intent.state is IntentState.POSTING


def test_a_lost_answer_that_is_not_found_is_told_as_such_and_settles_later():
    trial = Trial(silence(sent=True))

    with pytest.raises(OutcomeUnknown):
        trial.create()

    assert trial.intent.state is IntentState.POSTING
    assert len(trial.seen) == 1


def test_who_has_a_key_may_ask_again_when_it_is_settled_and_the_server_that_came_late_is_his():
    trial = Trial(silence(sent=True))
    with pytest.raises(OutcomePending):
        trial.create("mine")
    with pytest.raises(StillCreating):
        trial.create("mine")
    begun = trial.intent
    trial.servers["s1"] = {"id": "s1", "pod": begun.pod_id, "metadata": {str(begun.marker): ""}}
    trial.clock.now = begun.settle_at - timedelta(seconds=1)
    with pytest.raises(StillCreating):
        trial.create("mine")
    trial.clock.now = begun.settle_at

    answer = trial.create("mine")

    assert json.loads(answer.reply.body)["server"]["id"] == "s1"
    assert len(trial.seen) == 1  # never told again
    assert trial.outside.locations.get("s1").decision_id == begun.decision_id
    assert trial.create("mine").reply == answer.reply


def test_that_it_made_nothing_only_the_reconciler_may_say_and_then_the_key_tries_again():
    trial = Trial(silence(sent=True))
    with pytest.raises(OutcomePending):
        trial.create("mine")
    trial.clock.now = trial.intent.settle_at
    # The pod shows no such server. But it may not see all of its cells.
    with pytest.raises(OutcomePending):
        trial.create("mine")
    assert trial.intent.state is IntentState.POSTING
    trial.outside.intents.put(trial.intent.absent(trial.clock.now).failed())

    assert trial.create("mine").reply.status == 202
    assert [told.attempt for _, (told,), _ in trial.seen] == [1, 2]
    assert trial.seen[1][1][0].settle_at == trial.clock.now + SETTLE
    assert len(trial.servers) == 1


def test_a_server_without_room_for_a_marker_is_never_made_twice_by_one_key(monkeypatch):
    trial = Trial(silence(sent=True))
    full = {"server": {**BODY["server"], "metadata": {str(number): "" for number in range(128)}}}
    monkeypatch.setattr("tests.service.creating.test_intents.ORDER", replace(ORDER, body=full))
    with pytest.raises(OutcomePending):
        trial.create("mine")
    trial.clock.now = trial.intent.settle_at

    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            trial.create("mine")
        # Nor is it to the reconciler, which finds no marker either.
        trial.outside.intents.put(trial.intent.absent(trial.clock.now).failed())
    assert len(trial.seen) == 1


def test_while_its_pod_can_not_tell_nothing_is_made():
    trial = Trial(silence(sent=True))
    with pytest.raises(OutcomePending):
        trial.create("mine")
    trial.clock.now = trial.intent.settle_at
    trial.send = lambda pod, request: (_ for _ in ()).throw(silence(sent=True))

    with pytest.raises(OutcomePending):
        trial.create("mine")
    assert trial.intent.attempt == 1


def test_a_failed_create_with_a_key_tries_again_and_another_body_never():
    trial = Trial(refusal())
    trial.create("mine")

    with pytest.raises(KeyReused):
        trial.create("mine", body=b"{ }")
    assert trial.create("mine").reply.status == 202
    with pytest.raises(KeyReused):
        trial.create("mine", body=b"{ }")
    assert (trial.intent.attempt, trial.looks) == (2, 0)


def test_a_key_that_was_tried_very_often_begins_anew_since_markers_are_short():
    trial = Trial(refusal())
    trial.create("mine")
    often = replace(trial.intent, attempt=MOST_ATTEMPTS)
    trial.outside.intents._intents[often.slot] = often

    trial.create("mine")

    assert (trial.intent.attempt, trial.intent.slot) == (1, often.slot)
    assert trial.intent.intent_id != often.intent_id


@pytest.mark.parametrize("bound", [False, True])
def test_of_two_with_one_key_who_writes_second_is_told_to_wait_and_claims_nothing(bound, monkeypatch):
    trial = Trial()
    if bound:
        trial.outside.bindings.commit(change_of(None, a_binding("pod-b")))
    rival = Trial().services.servers.intents.of(TENANT, "mine", "digest").first
    known = trial.services.servers.repeats.known

    def late(*asked):
        found = known(*asked)
        trial.outside.intents.put(rival)
        return found

    monkeypatch.setattr(type(trial.services.servers.repeats), "known", lambda _, *asked: late(*asked))
    claims, claim = [], trial.outside.claims.claim
    monkeypatch.setattr(trial.outside.claims, "claim", lambda *asked: claims.append(asked) or claim(*asked))
    with pytest.raises(StillCreating):
        trial.create("mine")

    opened_and_claimed = 2  # the first claim of a pod opens its balance
    assert (trial.seen, trial.claimed, len(claims)) == ([], Amounts(), opened_and_claimed)
    assert trial.outside.intents.get(slot_of(PROJECT, "mine")).generation == 1


def test_a_race_for_the_binding_leaves_one_intent():
    trial = Trial()
    commit, lost = trial.outside.bindings.commit, []

    def first_lost(change, also=()):
        if not lost:
            lost.append(change)
            rival = a_binding("pod-c", decision_id="rival")
            commit(change_of(None, rival))
            raise BindingConflict(rival)
        return commit(change, also)

    object.__setattr__(trial.services.servers.attempts.binder.bindings, "commit", first_lost)
    trial.create()

    assert [pod_id for pod_id, *_ in trial.seen] == ["pod-c"]
    assert (trial.intent.attempt, trial.intent.state) == (1, IntentState.DONE)
