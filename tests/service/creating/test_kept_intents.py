"""Kept intents: what the store has of a create at each of its steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import GenerationConflict, StillCreating, StoreBusy
from chalicelib.model.intent import MOST_JOINED, Intent, IntentState, KeptAnswer, slot_of
from chalicelib.model.location import Location
from chalicelib.service.creating.intents import LEAST_SECONDS, Intents
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT

SETTLE = timedelta(seconds=300)
CHANCE = sha256(b"id-1").hexdigest()
ANSWER = KeptAnswer(202, {}, "{}")


class Trial(World):
    """The intents of one caller's creates."""

    def __init__(self):
        super().__init__(a_pod())
        outside = self.outside
        self.intents = Intents(outside.intents, outside.locations, self.clock, outside.ids, 300.0)

    def of(self, key="", stored=None, caller=TENANT):
        return self.intents.of(caller, key, "digest" if key else "", stored)

    def begun(self, key="mine", count=1):
        intent = self.of(key)
        intent.ensure(chosen(count=count))
        return intent

    def stored(self, intent):
        return self.outside.intents.get(intent.first.slot)

    def written(self):
        """The writes of the store from now on: state of the intent and the ids that joined it."""
        seen, put = [], self.outside.intents.put

        def watched(intent, also=()):
            seen.append((intent.state, len(also)))
            return put(intent, also)

        self.outside.intents.put = watched
        return seen


def chosen(pod_id="pod-a", decision_id="d-1", count=1):
    decision = SimpleNamespace(decision_id=decision_id, spec=SimpleNamespace(count=count))
    return SimpleNamespace(pod=a_pod(pod_id), decision=decision)


def a_location(server_id="s-1", **fields):
    return Location(server_id, PROJECT, "pod-a", NOW, **{"decision_id": "d-1", **fields})


def test_an_intent_without_a_key_has_a_random_slot_and_one_with_a_key_the_keys():
    trial = Trial()
    told = {
        "project_id": PROJECT,
        "user_id": TENANT.identity.user_id,
        "request_id": TENANT.request_id,
        "pod_id": "",
        "decision_id": "",
        "made_at": NOW,
        "settle_at": NOW + SETTLE,
    }

    plain, with_key = trial.of(), trial.of("mine")

    assert plain.first == Intent(CHANCE[:44], **told)
    chance = sha256(b"id-2").hexdigest()
    intent_id = slot_of(PROJECT, "mine") + chance[:12]
    assert with_key.first == Intent(intent_id, **told, key="mine", digest="digest")
    assert (plain.has_key, with_key.has_key) == (False, True)
    assert (len(str(plain.marker)) <= 60, with_key.marker) == (True, with_key.first.marker)


def test_the_first_attempt_is_written_with_its_pod_its_decision_and_when_it_settles():
    trial = Trial()
    intent = trial.of("mine")
    trial.clock.passes(5)

    intent.ensure(chosen(count=3))

    assert intent.written == trial.stored(intent)
    assert intent.written == replace(
        intent.first,
        pod_id="pod-a",
        decision_id="d-1",
        settle_at=NOW + timedelta(seconds=5) + SETTLE,
        count=3,
        generation=1,
    )


def test_another_attempt_is_of_who_asks_now_in_another_pod_by_another_decision():
    trial = Trial()
    before = trial.begun()
    before.failed()
    trial.clock.passes(5)
    identity = replace(TENANT.identity, user_id="colleague")
    again = trial.of("mine", before.written, replace(TENANT, identity=identity, request_id="req-2"))

    again.ensure(chosen("pod-b", "d-2", count=2))

    assert again.written == replace(
        before.written,
        state=IntentState.POSTING,
        attempt=2,
        user_id="colleague",
        request_id="req-2",
        pod_id="pod-b",
        decision_id="d-2",
        settle_at=NOW + timedelta(seconds=5) + SETTLE,
        count=2,
        generation=3,
    )
    assert again.marker == again.written.marker != before.marker


def test_an_attempt_that_joined_the_binding_is_not_written_again_and_that_of_another_decision_is():
    trial = Trial()
    intent = trial.of()
    for write in intent.writes(chosen()):
        write.act()
    intent.joined(chosen())
    seen = trial.written()

    intent.ensure(chosen())
    assert (intent.written, seen) == (trial.stored(intent), [])
    intent.ensure(chosen(decision_id="d-2"))
    assert (intent.written.attempt, seen) == (2, [(IntentState.POSTING, 0)])


def test_only_another_request_with_the_same_key_keeps_a_create_waiting():
    trial = Trial()
    intent, rival, keyless = trial.of("mine"), trial.of("mine"), trial.of()
    intent.check()  # nobody has begun
    keyless.ensure(chosen())
    keyless.check()
    intent.ensure(chosen())
    intent.check()
    trial.of("mine", intent.written).check()  # the next attempt knows of the one before

    with pytest.raises(StillCreating):
        rival.check()
    with pytest.raises(StillCreating):
        rival.ensure(chosen())


def test_only_an_attempt_that_is_under_way_can_fail():
    trial = Trial()
    trial.of().failed()  # never begun
    intent = trial.begun()

    intent.failed()
    assert trial.stored(intent).state is IntentState.FAILED
    seen = trial.written()
    intent.failed()
    assert seen == []


def test_a_failure_that_can_not_be_written_is_found_out_by_others():
    trial = Trial()
    intent = trial.begun()

    def fail(*_):
        raise StoreBusy("no")

    trial.outside.intents.put = fail
    intent.failed()
    assert trial.stored(intent).state is IntentState.POSTING


@pytest.mark.parametrize(("key", "answer"), [("mine", ANSWER), ("", None)])
def test_a_create_that_is_done_names_its_servers_and_keeps_the_answer_for_who_may_ask_again(key, answer):
    trial = Trial()
    intent = trial.begun(key, count=2)

    intent.done([a_location("s-1"), a_location("s-2")], ANSWER, NO_DEADLINE)

    done = trial.stored(intent)
    assert (done.state, done.server_ids, done.answer) == (IntentState.DONE, ("s-1", "s-2"), answer)
    assert [each.resource_id for each in trial.outside.locations.of_pod("pod-a")] == ["s-1", "s-2"]


POSTING, DONE = IntentState.POSTING, IntentState.DONE


@pytest.mark.parametrize(
    ("count", "left", "writes"),
    [
        (MOST_JOINED, 0.0, [(DONE, MOST_JOINED)]),
        (MOST_JOINED + 1, LEAST_SECONDS, [(POSTING, MOST_JOINED), (DONE, 1)]),
        (MOST_JOINED + 1, LEAST_SECONDS - 0.1, [(POSTING, MOST_JOINED)]),
    ],
)
def test_one_write_holds_ninety_locations_and_another_needs_a_second_of_time(count, left, writes):
    trial = Trial()
    intent, seen = trial.begun(count=count), trial.written()

    places = [a_location(f"s-{number}") for number in range(count)]
    intent.done(places, ANSWER, Deadline.after(left, trial.clock))

    assert seen == writes


def test_locations_that_are_there_already_are_left_and_those_that_ended_or_were_only_met_are_written():
    trial = Trial()
    intent, locations = trial.begun(count=3), trial.outside.locations
    theirs = a_location("s-1", share=Share("pod-a", "d-1", 0), name="as the reconciler wrote it")
    locations.remember(theirs)
    locations.remember(a_location("s-2"))
    locations.end("s-2", NOW)
    locations.remember(a_location("s-3", decision_id=""))

    ours = [a_location(f"s-{number}", name="ours") for number in (1, 2, 3)]
    intent.done(ours, ANSWER, NO_DEADLINE)

    assert trial.stored(intent).state is DONE
    assert [locations.get(each.resource_id) for each in ours] == [theirs, ours[1], ours[2]]


def test_a_create_that_another_request_has_gone_on_with_is_not_done_by_this_one():
    trial = Trial()
    intent = trial.begun()
    trial.of("mine", intent.written).ensure(chosen(decision_id="d-2"))

    with pytest.raises(GenerationConflict):
        intent.done([a_location()], ANSWER, NO_DEADLINE)
    assert trial.outside.locations.get("s-1") is None
