"""Stubs: what is remembered of a silent pod's servers, in its place in the list and behind its marker."""

from datetime import timedelta

import pytest

from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.model.list_order import SortKey
from chalicelib.model.list_query import ListQuery
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS, Resource
from chalicelib.model.server_lists import stub
from chalicelib.service.asking.pages import Listed
from chalicelib.service.kinds.stubs import stubs_of
from chalicelib.service.kinds.walk import Walk
from tests.builders import NOW, PROJECT, a_caller, a_pod

HERE, THERE = a_pod("pod-a"), a_pod("pod-b")
RANKS = {"pod-a": 0, "pod-b": 1}
OLDEST_FIRST = (("sort_key", "created_at"), ("sort_dir", "asc"))


def location(number, project_id=PROJECT, pod_id="pod-a"):
    """A server's, which was made so many minutes after the others' time."""
    made = NOW + timedelta(minutes=number)
    return Location(f"vm-{number}", project_id, pod_id, made, name=f"web{number}")


@pytest.fixture
def locations():
    store = MemoryLocationStore(lambda: NOW)
    for each in (location(2), location(4), location(1), location(3, "other"), location(5, pod_id="pod-b")):
        store.remember(each)
    store.remember(location(6))
    store.end("vm-6", NOW)
    return store


def walk(pairs=(), start=None, everywhere=False, role="member", resource=SERVERS, **fields):
    query, request = ListQuery(tuple(pairs)), PodRequest("GET", "/servers/detail")
    order = query.order(resource)
    return Walk(a_caller(role=role), resource, query, request, everywhere, order, RANKS, start, **fields)


def ids(found):
    assert all(pod is HERE for pod, _ in found)
    return [row["id"] for _, row in found]


def test_they_are_the_projects_servers_that_live_in_the_pod_in_the_lists_order(locations):
    found = stubs_of(HERE, walk(), locations)

    assert found == [Listed(HERE, stub(location(number))) for number in (4, 2, 1)]
    assert ids(stubs_of(HERE, walk(OLDEST_FIRST), locations)) == ["vm-1", "vm-2", "vm-4"]


def test_a_list_of_all_projects_has_the_others_too(locations):
    assert ids(stubs_of(HERE, walk(everywhere=True, role="admin"), locations)) == [
        "vm-4",
        "vm-3",
        "vm-2",
        "vm-1",
    ]


@pytest.mark.parametrize(
    ("role", "everywhere", "pairs", "selected"),
    [
        ("member", False, [("name", "web2")], ["vm-2"]),
        ("member", False, [("uuid", "vm-2")], ["vm-4", "vm-2", "vm-1"]),  # not for a member to select by
        ("admin", False, [("uuid", "vm-2")], ["vm-2"]),
        ("admin", False, [("project_id", "other")], ["vm-4", "vm-2", "vm-1"]),
        ("admin", True, [("project_id", "other")], ["vm-3"]),
        ("member", False, [("status", "ACTIVE")], []),
    ],
)
def test_only_what_the_list_surely_has_is_among_them(locations, role, everywhere, pairs, selected):
    assert ids(stubs_of(HERE, walk(pairs, None, everywhere, role), locations)) == selected


def test_what_does_not_show_its_place_is_not(locations):
    assert stubs_of(HERE, walk([("sort_key", "vm_state")]), locations) == []


def test_what_has_no_stubs_has_none(locations):
    volumes = Resource(
        "volume", "volumes", "volume", "Volume", located=True, sort_keys={"created_at": SortKey("created")}
    )

    assert stubs_of(HERE, walk(resource=volumes), locations) == []


def test_after_a_marker_of_this_pod_they_begin_with_its_row_as_it_was_shown(locations):
    shown = Listed(HERE, {**stub(location(2)), "status": "ACTIVE"})

    found = stubs_of(HERE, walk(start=shown), locations)

    assert found[0] is shown
    assert ids(found) == ["vm-2", "vm-1"]


def test_a_marker_that_the_list_leaves_out_has_its_place_all_the_same(locations):
    shown = Listed(HERE, stub(location(3, "other")))

    assert ids(stubs_of(HERE, walk(start=shown), locations)) == ["vm-3", "vm-2", "vm-1"]


@pytest.mark.parametrize(
    ("marker", "behind"), [(5, ["vm-4", "vm-2", "vm-1"]), (3, ["vm-2", "vm-1"]), (0, [])]
)
def test_after_a_marker_of_another_pod_they_are_those_behind_it(locations, marker, behind):
    shown = Listed(THERE, stub(location(marker, pod_id="pod-b")))

    assert ids(stubs_of(HERE, walk(start=shown), locations)) == behind


def test_a_forgotten_marker_of_this_pod_is_not_begun_with(locations):
    shown = Listed(HERE, stub(location(2)))

    assert ids(stubs_of(HERE, walk(start=shown, is_forgotten=True), locations)) == ["vm-2", "vm-1"]
