"""Locations heal by themselves: they end with their servers, and live with those that stayed after all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deed import Deed
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply
from chalicelib.service.observing import adoption, census
from tests.builders import PROJECT
from tests.service.observing.lost_servers import Lost, a_server, server_id


def lost_with(*numbers, **fields):
    """Pods of which a has these servers, all of them located."""
    lost = Lost(**fields)
    for number in numbers:
        lost.has("a", a_server(number))
    lost.minutes(5)
    assert live(lost) == [server_id(number) for number in numbers]
    return lost


def live(lost, pod_id="a"):
    return [location.resource_id for location in lost.locations.of_pod(pod_id)]


def test_a_server_that_was_deleted_behind_our_back_ends_its_location_within_two_refreshes():
    lost = lost_with(1, 2)
    lost.clock.passes(6 * 3600)  # far beyond any window, and nobody looked meanwhile
    lost.loses("a", a_server(1))
    lost.minutes(2)

    assert live(lost) == [server_id(2)]
    ended = lost.locations.get(server_id(1))
    assert (ended.ended_at is not None, ended.deleted) == (True, False)


def test_so_it_does_after_the_pod_was_down_for_hours():
    lost = lost_with(1)
    lost.silent.add("a")
    lost.loses("a", a_server(1))
    lost.minutes(120)
    assert live(lost) == [server_id(1)]
    lost.silent.clear()
    lost.minutes(2)

    assert live(lost) == []


def test_more_changes_than_a_round_takes_are_gone_through_in_the_next_ones(monkeypatch):
    monkeypatch.setattr(adoption, "MOST_PAGES", 1)
    lost = lost_with(*range(1, 8))
    for number in range(1, 8):
        lost.loses("a", a_server(number))
    lost.minutes()
    assert 0 < len(live(lost)) < 7
    lost.minutes(3)

    assert live(lost) == []


def test_what_another_pod_lists_as_deleted_says_nothing():
    lost = lost_with(1)
    lost.loses("b", a_server(1))
    lost.minutes(2)

    assert live(lost) == [server_id(1)]


def test_a_server_that_stayed_though_its_delete_was_accepted_is_not_forgotten():
    lost = lost_with(1)
    lost.locations.end(server_id(1), lost.clock.now, deleted=True)
    lost.has("a", a_server(1))  # the pod failed to delete it: it is in error, and nothing is done to it
    lost.minutes(3)

    assert live(lost) == [server_id(1)]
    assert not lost.locations.get(server_id(1)).deleted


@pytest.mark.parametrize("seconds_ago", [0, 55])
def test_a_list_that_is_older_than_a_delete_revives_nothing(seconds_ago):
    lost = lost_with(1)
    lost.has("a", a_server(1))
    lost.clock.passes(60 - seconds_ago)
    lost.locations.end(server_id(1), lost.clock.now, deleted=True)
    lost.clock.passes(seconds_ago)
    lost.services.capacity_refresh.refresh_all()

    assert live(lost) == []


def test_a_server_that_is_being_deleted_or_soft_deleted_is_neither_revived_nor_adopted():
    lost = lost_with(1)
    lost.locations.end(server_id(1), lost.clock.now, deleted=True)
    lost.has("a", a_server(1, leaving=True))
    lost.has("a", a_server(2, leaving=True))
    lost.minutes(3)
    assert live(lost) == []
    lost.has("a", a_server(1))  # restored
    lost.minutes(2)

    assert live(lost) == [server_id(1)]


def an_old_location(lost, number):
    at = lost.clock.now - timedelta(days=number)
    lost.locations.remember(Location(server_id(number), PROJECT, "a", at))


def test_a_location_whose_server_was_purged_ends_once_the_pod_denies_it_and_sees_all_its_cells():
    lost = lost_with(1)
    an_old_location(lost, 9)
    lost.minutes(6)

    assert live(lost) == [server_id(1)]
    assert ("GET", "a", f"/servers/{server_id(1)}") not in lost.heard, "it is listed, so nobody asks"


def test_a_location_that_an_operator_moved_while_its_old_pod_was_asked_goes_on():
    lost = lost_with(1)
    an_old_location(lost, 9)
    denied = lost.send

    def moved_meanwhile(pod, request):
        if request.path == f"/servers/{server_id(9)}" and pod.pod_id == "a":
            lost.has("b", a_server(9))
            lost.locations.move(lost.locations.get(server_id(9)), "b", Deed(lost.clock.now))
        return denied(pod, request)

    lost.send = moved_meanwhile
    for _ in range(9):
        lost.minutes()
        assert lost.locations.get(server_id(9)).ended_at is None
    assert live(lost, "b") == [server_id(9)]


@pytest.mark.parametrize(
    "said",
    [
        [],
        "garbage",
        [{"status": "enabled"}, {"status": "UNKNOWN"}],
        [{"status": "enabled"}, "down"],
        PodReply(406, {"x-openstack-request-id": "r"}, b"{}"),
        PodReply(200, {}, b"<html>"),
        PodReply(503, {}, b""),
    ],
)
def test_no_location_ends_while_the_pod_does_not_prove_that_it_sees_all_its_cells(said):
    lost = lost_with(1)
    an_old_location(lost, 9)
    lost.services_say["a"] = said
    lost.minutes(12)

    assert live(lost) == [server_id(9), server_id(1)]


def test_a_pod_that_is_too_old_to_tell_of_its_cells_proves_nothing():
    lost = Lost()
    lost.reports.report = replace(lost.reports.report, max_microversion="2.68")
    an_old_location(lost, 9)
    lost.minutes(12)

    assert server_id(9) in live(lost)


@pytest.mark.parametrize(
    "reply",
    [
        PodReply(404, {}, b"<html>not found</html>"),
        PodReply(200, {"x-openstack-request-id": "r"}, b"{}"),
        PodReply(500, {"x-openstack-request-id": "r"}, b"{}"),
        PodReply(403, {"x-openstack-request-id": "r"}, b"{}"),
    ],
)
def test_only_novas_own_404_ends_a_location(reply):
    lost = lost_with(1)
    an_old_location(lost, 9)
    lost.refused[server_id(9)] = reply
    lost.minutes(12)

    assert server_id(9) in live(lost)


def test_a_census_counts_all_locations_in_turn(monkeypatch):
    monkeypatch.setattr(census, "MOST_COUNTED", 2)
    monkeypatch.setattr(census, "MOST_ASKED", 1)
    lost = lost_with(1, 2, 3, 4, 5)
    for number in (90, 91, 92, 93):
        an_old_location(lost, number)
    lost.minutes(60)

    assert live(lost) == [server_id(number) for number in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize("located", [(1,), ()])
def test_a_pods_locations_are_looked_through_every_five_minutes(monkeypatch, located):
    lost = lost_with(*located)
    looks, page_of_pod = [], lost.locations.page_of_pod
    monkeypatch.setattr(
        lost.locations, "page_of_pod", lambda *asked: looks.append(asked[0]) or page_of_pod(*asked)
    )
    lost.minutes(10)

    assert looks.count("a") == looks.count("b") == 2


def test_a_census_goes_on_behind_locations_that_their_pod_goes_on_to_show(monkeypatch):
    monkeypatch.setattr(census, "MOST_ASKED", 1)
    lost = lost_with(1)
    for number in (92, 91):
        an_old_location(lost, number)
    lost.refused[server_id(92)] = PodReply(200, {"x-openstack-request-id": "r"}, b'{"server": {"id": "x"}}')
    lost.minutes(12)

    assert live(lost) == [server_id(92), server_id(1)]


def test_a_server_that_may_not_be_listed_yet_is_not_asked_for():
    lost = lost_with(1)
    lost.locations.remember(Location(server_id(2), PROJECT, "a", lost.clock.now, decision_id="d"))
    lost.minutes(6)

    assert server_id(2) in live(lost)


def test_a_server_that_was_left_out_of_a_list_of_changes_gets_its_location_all_the_same():
    lost = Lost()
    lost.minutes(5)  # the first look through the pod is over
    lost.has("a", a_server(1))
    lost.changed_at[server_id(1)] -= timedelta(hours=1)  # its cell was out of sight then
    lost.minutes(6)

    assert live(lost) == [server_id(1)]
