"""Locations: operators see where servers are, and say so by hand where we don't know better."""

from datetime import timedelta

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.model.location import Location
from chalicelib.model.page import Page
from tests.builders import NOW, a_pod
from tests.service.desk import OPERATOR, World

LATER = NOW + timedelta(hours=1)


class Map(World):
    """Two pods with servers of two projects, a pod with none, and the top region."""

    def __init__(self):
        super().__init__(a_pod("b"), a_pod("a"), a_pod("empty"), a_pod("top", ""))
        self.locations, self.projects = self.outside.locations, self.outside.projects
        self.service = self.services.locations
        for n, (project_id, pod_id) in enumerate(
            [("p1", "b"), ("p2", "b"), ("p1", "a"), ("p1", "b"), ("p2", "a")], 1
        ):
            self.projects.add(project_id, pod_id)
            self.locations.remember(Location(f"vm-{n}", project_id, pod_id, NOW - timedelta(minutes=n)))
        self.clock.now = LATER

    def find(self, limit=1000, marker="", **asked):
        found = self.service.find(**asked, page=Page(limit, marker))
        return [location.resource_id for location in found]

    def move(self, resource_id, pod_id):
        return self.service.move(resource_id, pod_id, OPERATOR, "found there")


ALL = ["vm-5", "vm-3", "vm-4", "vm-2", "vm-1"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ALL),
        ({"pod_id": "b"}, ["vm-4", "vm-2", "vm-1"]),
        ({"project_id": "p1"}, ["vm-3", "vm-4", "vm-1"]),
        ({"pod_id": "a", "project_id": "p2"}, ["vm-5"]),
        ({"pod_id": "empty"}, []),
        ({"project_id": "p3"}, []),
        ({"pod_id": "no such pod"}, []),
    ],
)
def test_locations_are_listed_pod_by_pod_the_oldest_first(asked, found):
    assert Map().find(**asked) == found


def test_what_was_placed_in_the_top_region_is_listed_by_its_id_alone():
    world = Map()
    world.locations.remember(Location("odd", "p1", "top", NOW))

    assert world.find() == ALL
    assert world.find(pod_id="top") == ["odd"]


def test_ended_locations_are_left_out():
    world = Map()
    world.locations.end("vm-3", NOW)

    assert world.find() == ["vm-5", "vm-4", "vm-2", "vm-1"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("project_id", ["", "p1"])
def test_pages_meet_without_gap_or_overlap(limit, project_id):
    world, pages = Map(), []

    while page := world.find(limit, pages[-1][-1] if pages else "", project_id=project_id):
        pages.append(page)

    assert [each for page in pages for each in page] == world.find(project_id=project_id)
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages[-1]) <= limit


def test_no_pod_is_read_once_a_page_is_full_and_none_before_the_markers():
    world, read = Map(), []
    page_of_pod = world.locations.page_of_pod

    def noted(pod_id, *rest):
        read.append((pod_id, *rest))
        return page_of_pod(pod_id, *rest)

    world.locations.page_of_pod = noted
    world.find(2)
    world.find(3, "vm-4", project_id="p1")

    assert read == [("a", None, 2, ""), ("b", world.locations.get("vm-4"), 3, "p1")]


def test_a_page_goes_on_after_a_location_that_has_ended_meanwhile():
    world = Map()
    world.locations.end("vm-4", NOW)

    assert world.find(marker="vm-4") == ["vm-2", "vm-1"]


def test_a_marker_that_is_no_location_is_refused():
    with pytest.raises(InvalidField) as refused:
        Map().find(marker="vm-9")

    assert (refused.value.field, str(refused.value)) == ("marker", "no location has the id vm-9")


def test_one_is_shown_ended_or_not():
    world = Map()
    world.locations.end("vm-2", NOW)

    assert world.service.get("vm-1") == Location("vm-1", "p1", "b", NOW - timedelta(minutes=1))
    assert world.service.get("vm-2").ended_at == NOW


def test_a_location_that_an_operator_ends_keeps_who_when_and_why():
    world = Map()

    ended = world.service.end("vm-1", OPERATOR, "it burnt")

    deed = Deed(LATER, "op-1", "req-1", "it burnt")
    made = NOW - timedelta(minutes=1)
    assert ended == Location("vm-1", "p1", "b", made, ended_at=LATER, deed=deed)
    assert world.locations.get("vm-1") == ended


def test_what_has_ended_is_not_ended_again():
    world = Map()
    world.locations.end("vm-1", NOW)

    with pytest.raises(Conflict, match="location vm-1 has ended"):
        world.service.end("vm-1", OPERATOR, "again")

    assert (world.service.get("vm-1").ended_at, world.service.get("vm-1").deed) == (NOW, None)


def test_a_moved_location_keeps_where_it_was_and_who_said_so_and_lives_again():
    world = Map()
    made = NOW - timedelta(days=1)
    world.locations.remember(Location("vm", "p3", "a", made, "name", share=Share("a", "t1", 1)))
    world.locations.end("vm", NOW, deleted=True)

    moved = world.move("vm", "b")

    deed = Deed(LATER, "op-1", "req-1", "found there")
    assert moved == Location("vm", "p3", "b", made, "name", deed=deed, moved_from="a")
    assert world.locations.get("vm") == moved
    assert world.projects.pod_ids("p3") == {"b"}, "its lists ask that pod now"


def test_a_projects_lists_ask_the_new_pod_before_the_location_is_there(monkeypatch):
    world, known = Map(), []
    monkeypatch.setattr(world.locations, "move", lambda *_: known.append(world.projects.pod_ids("p1")))

    world.move("vm-1", "empty")

    assert known == [{"a", "b", "empty"}]


@pytest.mark.parametrize(
    ("pod_id", "message"),
    [
        ("nowhere", "no pod has the id nowhere"),
        ("top", "Top is the top region, which has no servers"),
    ],
)
def test_a_location_moves_only_to_a_pod_that_can_have_servers(pod_id, message):
    world = Map()

    with pytest.raises(InvalidField) as refused:
        world.move("vm-1", pod_id)

    assert (refused.value.field, str(refused.value)) == ("pod_id", message)
    assert (world.service.get("vm-1").pod_id, world.projects.pod_ids("p1")) == ("b", {"a", "b"})


def test_a_location_that_is_there_already_is_a_conflict_that_names_the_field():
    with pytest.raises(Conflict) as refused:
        Map().move("vm-1", "b")

    assert (refused.value.field, str(refused.value)) == ("pod_id", "it is in B already")


def test_a_location_that_somebody_ended_meanwhile_stays_where_it_is(monkeypatch):
    world = Map()
    add = world.projects.add

    def add_after_somebody_ended_it(project_id, pod_id):
        world.locations.end("vm-1", NOW)
        add(project_id, pod_id)

    monkeypatch.setattr(world.projects, "add", add_after_somebody_ended_it)

    with pytest.raises(GenerationConflict):
        world.move("vm-1", "a")
    assert world.service.get("vm-1").pod_id == "b"


@pytest.mark.parametrize("act", ["get", "end", "move"])
def test_what_nobody_knows_is_not_found(act):
    service, rest = Map().service, {"get": (), "end": (OPERATOR, "x"), "move": ("a", OPERATOR, "x")}

    with pytest.raises(NotFound) as missing:
        getattr(service, act)("vm-9", *rest[act])

    assert str(missing.value) == "Location vm-9 could not be found."
