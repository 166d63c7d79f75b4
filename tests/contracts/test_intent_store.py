"""What every intent store does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.binding import change_of
from chalicelib.model.errors import BindingConflict, GenerationConflict
from chalicelib.model.intent import IntentState, KeptAnswer
from chalicelib.model.location import Location
from tests.builders import NOW, PROJECT, a_binding, an_intent

INTENT = an_intent()
WRITTEN = replace(INTENT, generation=1)
PLACE = Location("server-1", PROJECT, "pod-a", NOW, decision_id="decision-1")
ANSWER = KeptAnswer(202, {"location": "/servers/server-1"}, '{"server": {"id": "server-1"}}')


def test_an_intent_is_read_as_it_was_written(stores):
    assert stores.intents.get(INTENT.slot) is None
    full = replace(INTENT, key="k", digest="d", count=3, attempt=2, absent_at=NOW).done(("a", "b"), ANSWER)

    for intent in (INTENT, replace(full, generation=1, absent_at=NOW)):
        written = stores.intents.put(intent)
        assert written == replace(intent, generation=intent.generation + 1)
        assert stores.intents.get(INTENT.slot) == written


def test_of_two_who_write_one_wins(stores):
    stores.intents.put(INTENT)

    with pytest.raises(GenerationConflict):
        stores.intents.put(replace(INTENT, request_id="req-2"))
    stores.intents.put(WRITTEN.failed())
    with pytest.raises(GenerationConflict):
        stores.intents.put(WRITTEN.done(("server-1",), None))
    assert stores.intents.get(INTENT.slot).state is IntentState.FAILED


def test_a_write_that_is_repeated_counts_as_written(stores):
    assert stores.intents.put(INTENT) == stores.intents.put(INTENT) == WRITTEN


def test_done_and_its_location_are_written_together(stores):
    stores.intents.put(INTENT)

    done = stores.intents.put(WRITTEN.done(("server-1",), ANSWER), [stores.locations.addition(PLACE)])

    assert stores.intents.get(INTENT.slot) == done
    assert stores.locations.get("server-1") == PLACE


def test_when_a_location_is_taken_the_intent_stays_too(stores):
    stores.intents.put(INTENT)
    other = replace(PLACE, resource_id="server-2")
    stores.locations.remember(other)
    also = [stores.locations.addition(PLACE), stores.locations.addition(replace(other, pod_id="pod-b"))]

    with pytest.raises(GenerationConflict):
        stores.intents.put(WRITTEN.done(("server-1", "server-2"), None), also)

    assert stores.intents.get(INTENT.slot) == WRITTEN
    assert stores.locations.get("server-1") is None
    assert stores.locations.get("server-2") == other


def test_an_intent_joins_the_transaction_of_a_binding(stores):
    change = change_of(None, a_binding("pod-a", decision_id="decision-1"), request_id="req-1")

    stores.bindings.commit(change, [stores.intents.write(INTENT)])

    assert stores.intents.get(INTENT.slot) == WRITTEN


def test_a_binding_is_not_written_when_its_intent_is_refused(stores):
    stores.intents.put(INTENT)
    change = change_of(None, a_binding("pod-a", decision_id="decision-1"), request_id="req-1")

    with pytest.raises(BindingConflict):
        stores.bindings.commit(change, [stores.intents.write(replace(INTENT, request_id="req-2"))])

    assert stores.bindings.get(change.after.key) is None
    assert stores.intents.get(INTENT.slot) == WRITTEN


def test_those_that_are_settled_are_found_the_oldest_first(stores):
    ids = [f"{number:040x}"[::-1] for number in range(20)]
    for number, intent_id in enumerate(ids):
        stores.intents.put(an_intent(intent_id, settle_at=NOW + timedelta(seconds=100 - number)))
    stores.intents.put(replace(an_intent(ids[0]), generation=1).done((), None))

    due = stores.intents.posting(NOW + timedelta(seconds=98), limit=5)

    newest = stores.intents.posting(NOW + timedelta(seconds=98), limit=5, newest=True)

    assert [intent.intent_id for intent in due] == ids[:14:-1]
    assert [intent.intent_id for intent in newest] == ids[2:7]
    assert ids[1] not in [x.intent_id for x in stores.intents.posting(NOW + timedelta(seconds=98), 50)]


def test_an_expired_one_is_not_found_and_its_slot_is_free(stores):
    old = an_intent(made_at=NOW - timedelta(days=8))
    stores.intents.put(old)
    assert stores.intents.get(INTENT.slot) is None

    assert stores.intents.put(INTENT) == WRITTEN
    assert stores.intents.get(INTENT.slot) == WRITTEN
