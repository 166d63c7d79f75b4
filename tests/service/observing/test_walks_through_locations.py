"""Census: where each part of the walk through a pod's locations begins and ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.model.errors import UntrustedReport
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply
from chalicelib.model.sweep import Sweep
from chalicelib.service.observing import census
from chalicelib.service.observing.census import EVERY, SETTLED
from tests.builders import NOW, PROJECT
from tests.service.desk import NoServers, World
from tests.service.observing.lost_servers import a_server, server_id
from tests.service.observing.test_requests import GONE, MARK, TAGGED, Pods

KEY = "a#census"
THERE = PodReply(200, MARK, b'{"server": {"id": "x"}}')


class Walk(World, NoServers):
    """Old locations of the pod a, which lists what a test says and denies all other servers."""

    def __init__(self, *numbers, lists=(), **replies):
        self.lists, self.listed = list(lists), []
        self.asked = Pods({"GET": GONE, **replies})
        super().__init__(TAGGED, client=self.asked, servers=self)
        self.census = self.services.reconciling.census
        for number in numbers:
            self.locate(number)

    def locate(self, number, seconds_ago=3600.0):
        at = NOW - timedelta(seconds=seconds_ago) + timedelta(seconds=number)
        self.outside.locations.remember(Location(server_id(number), PROJECT, "a", at))

    def page(self, pod, since, after):
        self.listed.append((pod.pod_id, since, after))
        if isinstance(self.lists, Exception) or (after and self.lists == ["unknown"]):
            raise UntrustedReport(f"marker {after} not found")
        return [a_server(number) for number in self.lists if number != "unknown"]

    def look(self, sees_all=lambda: True):
        self.census.look(TAGGED, sees_all)

    @property
    def kept(self):
        return self.outside.locations.sweep(KEY)

    @property
    def live(self):
        return [location.resource_id for location in self.outside.locations.of_pod("a")]


def test_all_that_is_not_listed_and_that_the_pod_denies_ends():
    walk = Walk(1, 2, 3, lists=[2])
    walk.look()

    assert walk.live == [server_id(2)]
    assert walk.listed == [("a", None, "")]
    assert [request.path for request in walk.asked.requests] == [f"/servers/{server_id(n)}" for n in (1, 3)]
    assert walk.kept == Sweep(KEY, NOW)


@pytest.mark.parametrize(("seconds", "looks"), [(EVERY.total_seconds() - 1, 1), (EVERY.total_seconds(), 2)])
def test_the_next_part_comes_five_minutes_later(seconds, looks):
    walk = Walk(1, lists=[1])
    walk.look()
    walk.clock.passes(seconds)
    walk.look()

    assert len(walk.listed) == looks


def test_a_pod_without_locations_is_walked_through_too():
    walk = Walk(lists=[7])
    walk.look(sees_all=lambda: pytest.fail("nothing is missing"))

    assert walk.live == [server_id(7)], "what is listed gets its location"
    assert walk.kept == Sweep(KEY, NOW)


def test_nobody_asks_for_cells_while_nothing_is_missing_and_nothing_ends_without_them():
    Walk(1, lists=[1]).look(sees_all=lambda: pytest.fail("nothing is missing"))
    blind = Walk(1)
    blind.look(sees_all=lambda: False)

    assert (blind.live, blind.asked.heard) == ([server_id(1)], [])


@pytest.mark.parametrize(("younger", "asked"), [(0, 0), (1, 1)])
def test_a_server_of_the_last_ten_minutes_may_not_be_listed_yet(younger, asked):
    walk = Walk()
    walk.locate(0, SETTLED.total_seconds() + younger)
    walk.look()

    assert len(walk.asked.heard) == asked


def test_a_walk_goes_on_behind_the_last_that_was_counted_and_begins_again_after_all(monkeypatch):
    monkeypatch.setattr(census, "MOST_COUNTED", 2)
    walk = Walk(1, 2, 3, lists=[1, 2, 3])
    kept = []
    for _ in range(3):
        walk.look()
        kept.append((walk.kept.marker, walk.listed[-1][2]))
        walk.clock.passes(300)

    assert kept == [(server_id(2), ""), ("", server_id(2)), (server_id(2), "")]


def test_of_very_many_that_are_missing_some_are_asked_for_and_the_walk_goes_on_behind_them(monkeypatch):
    monkeypatch.setattr(census, "MOST_ASKED", 2)
    walk = Walk(1, 2, 3, 4, GET=THERE)
    walk.look()
    assert [request.path[-1] for request in walk.asked.requests] == ["1", "2"]
    assert walk.kept.marker == server_id(2)
    walk.clock.passes(300)
    walk.look()

    assert [request.path[-1] for request in walk.asked.requests] == ["1", "2", "3", "4"]
    assert walk.kept.marker == ""


def test_where_the_pod_does_not_know_the_server_before_nothing_is_listed_and_the_rest_is_asked_for():
    walk = Walk(1, 2, lists=["unknown"])
    walk.outside.locations.keep_sweep(Sweep(KEY, NOW - EVERY, marker=server_id(1)))
    walk.look()

    assert (walk.listed, walk.live) == ([("a", None, server_id(1))], [server_id(1)])


def test_a_list_that_makes_no_sense_from_its_beginning_ends_the_look():
    walk = Walk(1)
    walk.lists = UntrustedReport("nonsense")

    with pytest.raises(UntrustedReport):
        walk.look()
    assert (walk.kept, walk.live) == (None, [server_id(1)])
