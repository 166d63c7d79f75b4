"""Strays: servers that creates left behind are told; deleted only where an operator chose so, and if sure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.intent import Marker
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply
from tests.builders import NOW, PROJECT, an_intent
from tests.service.observing.lost_servers import Lost, a_server, server_id

INTENT_ID = "a" * 40


def failed_in(lost, **fields):
    return lost.intents.put(an_intent(INTENT_ID, pod_id="a", **fields).failed())


def marked(number=1, attempt=1, **fields):
    return a_server(number, marker=Marker(INTENT_ID, attempt), takes_labels=False, **fields)


def strays(lost):
    return [stray.server_id for stray in lost.outside.strays.list()]


def deletes(lost):
    return [path.rpartition("/")[2] for method, _, path in lost.heard if method == "DELETE"]


def test_a_server_of_a_create_that_failed_is_told_and_stays():
    lost = Lost()
    failed_in(lost)
    lost.has("a", marked())
    lost.minutes(5)

    (stray,) = lost.outside.strays.list()
    assert (stray.server_id, stray.pod_id, stray.fits) == (server_id(1), "a", True)
    assert (deletes(lost), lost.left.strays) == ([], 1)
    assert lost.locations.get(server_id(1)) is None


def test_so_is_one_of_an_attempt_that_was_given_up_and_one_more_than_its_create_made():
    lost = Lost()
    again = failed_in(lost).tried_again("b", "d2", NOW, timedelta(minutes=5))
    lost.intents.put(again.done((server_id(3),), None))
    lost.has("a", marked(1))
    lost.has("b", marked(2, attempt=2))
    lost.has("b", marked(3, attempt=2))
    lost.minutes(2)

    assert strays(lost) == [server_id(1), server_id(2)]
    assert [x.resource_id for x in lost.locations.of_pod("b")] == [server_id(3)], "its location was lost"


def test_a_server_in_another_pod_than_its_create_went_to_is_somebodys_and_never_deleted():
    """A pod that was removed, and is there again under another id, has what creates made in it before."""
    lost = Lost(stray_action="delete")
    failed_in(lost)
    lost.has("b", marked())
    lost.minutes(5)

    assert (strays(lost), deletes(lost)) == ([], [])
    assert [x.resource_id for x in lost.locations.of_pod("b")] == [server_id(1)]


def test_one_more_of_several_is_no_stray_while_its_create_asked_for_more():
    lost = Lost()
    lost.intents.put(an_intent(INTENT_ID, pod_id="a", count=2).done((server_id(1),), None))
    lost.has("a", marked(2))
    lost.minutes(2)

    assert strays(lost) == []
    assert lost.locations.get(server_id(2)) is not None


def test_a_server_of_an_intent_that_expired_is_adopted_though_another_create_has_its_slot_now():
    lost = Lost(stray_action="delete")
    lost.intents.put(an_intent("a" * 32 + "another", pod_id="a").failed())
    lost.has("a", marked())
    lost.minutes(2)

    assert (strays(lost), deletes(lost)) == ([], [])
    assert lost.locations.get(server_id(1)).pod_id == "a"


def test_operators_may_choose_to_have_strays_deleted_and_each_pod_loses_five_a_minute():
    lost = Lost(stray_action="delete", page_size=50)
    failed_in(lost)
    for number in range(12):
        lost.has("a", marked(number))
    counts = []
    for _ in range(4):
        lost.minutes()
        counts.append(len(deletes(lost)))

    assert counts == [5, 10, 12, 12]
    assert strays(lost) == []


@pytest.mark.parametrize(
    "misfit",
    [
        {"project_id": "another"},
        {"created_at": NOW - timedelta(minutes=2)},
        {"created_at": NOW + timedelta(minutes=7)},
    ],
)
def test_one_whose_project_or_time_is_not_that_of_its_create_is_never_deleted(misfit):
    lost = Lost(stray_action="delete")
    failed_in(lost)
    lost.has("a", marked(**misfit))
    lost.minutes(10)

    assert (strays(lost), deletes(lost)) == ([server_id(1)], [])


@pytest.mark.parametrize("ended", [False, True])
def test_one_that_ever_had_a_location_is_somebodys(ended):
    lost = Lost(stray_action="delete")
    failed_in(lost)
    lost.silent.add("a")
    lost.has("a", marked())
    lost.minutes()
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW))
    if ended:
        lost.locations.end(server_id(1), lost.clock.now)
    lost.silent.clear()
    lost.minutes(5)

    assert (strays(lost), deletes(lost)) == ([], [])


def test_one_that_its_owner_found_after_it_was_noted_is_a_stray_no_more():
    lost = Lost()
    failed_in(lost)
    lost.has("a", marked())
    lost.minutes()
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW))
    lost.minutes()

    assert strays(lost) == []


def test_one_that_its_intent_counts_by_now_is_not_deleted():
    lost = Lost(stray_action="delete")
    failed = failed_in(lost)
    lost.has("a", marked())
    lost.services.capacity_refresh.refresh_all()
    assert strays(lost) == [server_id(1)]
    lost.intents.put(replace(failed.done((server_id(1),), None)))
    lost.services.reconciling.run()

    assert deletes(lost) == []


def test_one_that_is_gone_is_forgotten_and_a_proxys_404_is_no_such_news():
    lost = Lost()
    failed_in(lost)
    lost.has("a", marked())
    lost.minutes()
    lost.refused[server_id(1)] = PodReply(404, {}, b"<html>")
    lost.minutes()
    assert strays(lost) == [server_id(1)]
    lost.refused.clear()
    lost.purges("a", marked())
    lost.minutes()

    assert strays(lost) == []


def test_strays_of_a_pod_that_was_removed_are_forgotten():
    lost = Lost()
    failed_in(lost)
    lost.has("a", marked())
    lost.minutes()
    lost.outside.pods.delete(lost.outside.pods.get("a"))
    lost.minutes()

    assert (strays(lost), lost.left.strays) == ([], 0)


def test_a_marker_is_taken_off_once_the_server_is_located_its_create_done_and_nova_allows_it():
    lost = Lost()
    mine = lost.intents.put(an_intent(INTENT_ID, pod_id="a"))
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW, decision_id="d"))
    lost.has("a", marked())
    lost.minutes()
    lost.has("a", replace(marked(), takes_labels=True))
    lost.minutes()
    assert deletes(lost) == [], "its create isn't done"
    lost.intents.put(mine.done((server_id(1),), None))
    lost.minutes()

    assert [path for method, _, path in lost.heard if method == "DELETE"] == [
        f"/servers/{server_id(1)}/tags/trio2o%3A{INTENT_ID}%3A1"
    ]
    assert lost.there["a"][server_id(1)].marker is None


def test_a_marker_that_was_left_is_taken_off_when_all_servers_are_counted():
    lost = Lost()
    lost.intents.put(an_intent(INTENT_ID, pod_id="a").done((server_id(1),), None))
    lost.locations.remember(Location(server_id(1), PROJECT, "a", NOW, decision_id="d"))
    lost.has("a", replace(marked(), takes_labels=True))
    lost.refused[server_id(1)] = PodReply(503, {}, b"")
    lost.minutes(3)
    lost.refused.clear()
    lost.minutes(5)

    assert lost.there["a"][server_id(1)].marker is None


def test_a_marker_of_a_server_without_a_location_stays():
    lost = Lost()
    failed_in(lost)
    lost.has("a", replace(marked(), takes_labels=True))
    lost.minutes(10)

    assert deletes(lost) == []


def test_very_many_strays_that_stay_keep_none_that_is_gone_on_the_list():
    lost = Lost()
    failed_in(lost)
    for number in range(1, 46):
        lost.has("a", marked(number))
    lost.minutes(20)
    assert lost.left.strays == 45

    lost.purges("a", marked(45))
    lost.minutes(4)

    assert lost.left.strays == 44
