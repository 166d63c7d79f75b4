"""Creates of which nobody heard: their servers are adopted, or it is proven that they made none."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Share
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.intent import IntentState, Marker
from chalicelib.model.location import Location
from chalicelib.service.observing import reconciling
from tests.builders import NOW, PROJECT, a_claim, an_intent
from tests.service.observing.lost_servers import Lost, a_server, server_id

INTENT_ID = "a" * 32 + "bcdefg"
SLOT = INTENT_ID[:32]
SMALL = Amounts(1, 1024, 10, 1)


def posting(lost, **fields):
    """A create that was sent to a now, and that is settled after five minutes."""
    return lost.intents.put(an_intent(INTENT_ID, pod_id="a", **fields))


def settled(lost):
    lost.clock.passes(240)
    lost.minutes()
    return lost.intents.get(SLOT)


def marked(number=1, attempt=1, **fields):
    return a_server(number, marker=Marker(INTENT_ID, attempt), takes_labels=False, **fields)


def test_the_server_of_a_create_that_died_is_adopted_with_its_share_once_it_is_settled():
    lost = Lost()
    posting(lost)
    lost.has("a", marked())
    lost.minutes(4)
    assert lost.intents.get(SLOT).state is IntentState.POSTING
    assert lost.locations.get(server_id(1)) is None, "its own create may still tell more"
    lost.minutes()

    done = lost.intents.get(SLOT)
    assert (done.state, done.server_ids, done.answer) == (IntentState.DONE, (server_id(1),), None)
    assert lost.locations.get(server_id(1)) == Location(
        server_id(1),
        PROJECT,
        "a",
        NOW + timedelta(seconds=1),
        name="vm-1",
        request_id="req-1",
        decision_id="decision-1",
        share=Share("a", "decision-1", 0),
    )
    assert lost.outside.projects.pod_ids(PROJECT) == {"a"}
    assert lost.left.unsettled == 0


def test_a_server_is_found_though_its_pods_clock_is_a_minute_behind_ours():
    lost = Lost()
    posting(lost)
    lost.has("a", marked(created_at=NOW - timedelta(minutes=1)))

    assert settled(lost).server_ids == (server_id(1),)


def test_all_servers_of_a_create_of_several_are_its_own():
    lost = Lost(page_size=10)
    posting(lost, count=3)
    for number in (3, 1, 2):
        lost.has("a", marked(number))

    assert settled(lost).server_ids == tuple(server_id(number) for number in (1, 2, 3))
    shares = [lost.locations.get(server_id(number)).share.number for number in (1, 2, 3)]
    assert shares == [0, 1, 2]


def test_more_servers_than_a_transaction_takes_are_adopted_too():
    lost = Lost()
    posting(lost, count=120)
    for number in range(120):
        lost.has("a", marked(number))

    assert len(settled(lost).server_ids) == 120
    assert len(lost.locations.of_pod("a")) == 120


def test_who_only_found_the_server_knows_less_than_its_create():
    lost = Lost()
    posting(lost)
    lost.has("a", marked())
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW))

    settled(lost)
    assert lost.locations.get(server_id(1)).decision_id == "decision-1"


def test_a_create_is_concluded_though_its_server_has_a_location_that_knows_its_decision():
    lost = Lost()
    posting(lost)
    lost.has("a", marked())
    mine = lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW, decision_id="decision-1"))

    assert settled(lost).state is IntentState.DONE
    assert lost.locations.get(server_id(1)) == mine


def test_what_its_owner_deleted_meanwhile_stays_deleted():
    lost = Lost()
    posting(lost, count=2)
    lost.has("a", marked(1, leaving=True))
    lost.has("a", marked(2))
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW))
    lost.locations.end(server_id(1), NOW, deleted=True)
    lost.loses("a", marked(2))

    assert settled(lost).server_ids == (server_id(1), server_id(2))
    assert lost.locations.get(server_id(1)).ended_at == NOW
    assert lost.locations.get(server_id(2)) is None


def test_a_create_has_failed_after_two_absences_a_minute_apart_and_gives_its_claim_back_once():
    lost = Lost()
    posting(lost)
    lost.minutes()
    lost.clock.passes(240)
    lost.outside.claims.claim(a_claim("a", SMALL, "decision-1", at=lost.clock.now), Amounts())
    assert lost.services.reconciling.run().unsettled == 1
    absent = lost.intents.get(SLOT)
    assert (absent.state, absent.absent_at) == (IntentState.POSTING, lost.clock.now)
    lost.clock.passes(59)
    assert lost.services.reconciling.run().unsettled == 1
    assert lost.intents.get(SLOT) == absent
    lost.clock.passes(1)
    left = lost.services.reconciling.run()

    assert (lost.intents.get(SLOT).state, left.unsettled) == (IntentState.FAILED, 0)
    assert lost.outside.claims.read("a").claims == {}
    lost.minutes()
    assert lost.intents.get(SLOT).state is IntentState.FAILED


def test_a_server_that_shows_between_two_absences_is_adopted():
    lost = Lost()
    posting(lost)
    assert settled(lost).absent_at is not None
    lost.has("a", marked())
    lost.minutes()

    assert lost.intents.get(SLOT).state is IntentState.DONE


@pytest.mark.parametrize("trouble", ["a cell is down", "too old", "silent"])
def test_a_create_stays_open_and_is_counted_while_its_pod_can_not_prove_that_it_made_nothing(trouble):
    lost = Lost()
    if trouble == "too old":
        lost.reports.report = replace(lost.reports.report, max_microversion="2.68")
    lost.minutes()
    posting(lost)
    if trouble == "a cell is down":
        lost.services_say["a"] = [{"status": "enabled"}, {"status": "UNKNOWN"}]
    elif trouble == "silent":
        lost.silent.add("a")
    lost.minutes(30)

    intent = lost.intents.get(SLOT)
    assert (intent.state, intent.absent_at, lost.left.unsettled) == (IntentState.POSTING, None, 1)


def test_a_marker_on_another_projects_server_gives_the_server_to_nobody_and_proves_nothing():
    lost = Lost()
    posting(lost)
    theirs = lost.has("a", marked(project_id="other"))
    lost.marked = lambda pod, *asked: [theirs]  # a search by tag asks for no project
    lost.clock.passes(240)
    lost.minutes(10)

    assert (lost.intents.get(SLOT).state, lost.left.unsettled) == (IntentState.POSTING, 1)
    assert lost.outside.projects.pod_ids(PROJECT) == set()


def test_a_pod_that_lists_what_another_one_has_takes_nothing_over_and_keeps_no_create_open():
    lost = Lost()
    elsewhere = lost.locations.remember(Location(server_id(1), PROJECT, "b", NOW))
    posting(lost)
    lost.has("a", marked(1))

    assert settled(lost).state is IntentState.DONE
    assert lost.locations.get(server_id(1)) == elsewhere


def lost_for_good(lost, pod_id, count):
    """Creates of which the pod never proves that they made nothing."""
    for number in range(count):
        at = NOW + timedelta(seconds=number)
        lost.intents.put(an_intent(f"{number:032}bcdefg", pod_id=pod_id, made_at=at, settle_at=at))


def test_many_creates_of_a_pod_that_proves_nothing_keep_none_of_another_pod_waiting(monkeypatch):
    monkeypatch.setattr(reconciling, "MOST_INTENTS", 6)
    lost = Lost()
    lost.silent.add("b")
    lost_for_good(lost, "b", 10)
    posting(lost)
    lost.has("a", marked())

    assert settled(lost).state is IntentState.DONE


def test_many_creates_of_a_pod_that_proves_nothing_keep_none_of_its_own_waiting_for_long():
    lost = Lost()
    lost.services_say["a"] = [{"status": "UNKNOWN"}]
    lost_for_good(lost, "a", 50)
    posting(lost)
    lost.has("a", marked())
    lost.minutes(8)

    assert lost.intents.get(SLOT).state is IntentState.DONE


def test_a_pod_that_is_silent_keeps_no_other_from_being_reconciled():
    lost = Lost()
    lost.minutes()
    posting(lost)
    lost.intents.put(an_intent("b" * 40, pod_id="b"))
    lost.has("b", a_server(1, marker=Marker("b" * 40, 1)))
    lost.silent.add("a")
    lost.minutes(5)

    assert lost.intents.get("b" * 32).state is IntentState.DONE
    assert lost.left.unsettled == 1


def test_a_create_that_its_client_concluded_meanwhile_is_left_as_it_is(monkeypatch):
    lost = Lost()
    mine = posting(lost)
    lost.has("a", marked())
    put = lost.intents.put

    def late(intent, also=()):
        put(mine.done((server_id(1),), None))
        return put(intent, also)

    monkeypatch.setattr(lost.intents, "put", late)
    lost.clock.passes(300)

    assert lost.services.reconciling.run().unsettled == 0
    assert lost.intents.get(SLOT).generation == mine.generation + 1
    with pytest.raises(GenerationConflict):
        put(mine)


def test_a_create_whose_pod_was_removed_made_nothing_that_is_left():
    lost = Lost()
    posting(lost)
    lost.outside.pods.delete(lost.outside.pods.get("a"))
    lost.minutes(5)

    assert lost.intents.get(SLOT).state is IntentState.FAILED


def a_day_of_work(lost):
    """Three creates: one done before the backup, one under way during it, one made after it."""
    ids = {name: name * 40 for name in "bcd"}
    lost.intents.put(an_intent(ids["b"], pod_id="a").done((server_id(1),), None))
    lost.has("a", a_server(1, marker=Marker(ids["b"], 1), takes_labels=False))
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW, decision_id="d"))
    under_way = lost.intents.put(an_intent(ids["c"], pod_id="b"))
    stores = (lost.locations, lost.intents, lost.outside.projects, lost.outside.strays)
    backup = [deepcopy(vars(store), {id(lost.clock): lost.clock}) for store in stores]
    failed = lost.intents.put(under_way.failed())
    again = lost.intents.put(failed.tried_again("a", "d2", lost.clock.now, timedelta(minutes=5)))
    lost.intents.put(again.done((server_id(2),), None))
    lost.has("a", a_server(2, marker=Marker(ids["c"], 2), takes_labels=False))
    lost.intents.put(an_intent(ids["d"], pod_id="b").done((server_id(3),), None))
    lost.has("b", a_server(3, marker=Marker(ids["d"], 1), takes_labels=False))
    lost.has("b", a_server(4))  # its marker was taken off
    return stores, backup


def test_after_a_restore_from_an_older_backup_all_servers_are_adopted_and_nothing_is_deleted():
    lost = Lost(stray_action="delete")
    stores, backup = a_day_of_work(lost)
    for store, kept in zip(stores, backup, strict=True):
        vars(store).update(kept)
    lost.minutes(20)

    assert {x.resource_id for pod_id in "ab" for x in lost.locations.of_pod(pod_id)} == {
        server_id(number) for number in (1, 2, 3, 4)
    }
    assert not [method for method, _, _ in lost.heard if method == "DELETE"]
    assert (lost.outside.strays.list(), lost.left.unsettled) == ([], 0)
