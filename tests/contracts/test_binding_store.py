"""What every binding store does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.binding import Binding, BindingAction, BindingChange, BindingKey, change_of
from chalicelib.model.errors import BindingConflict
from chalicelib.model.page import BindingQuery, Page
from tests.builders import NOW, PROJECT, a_binding

KEY = a_binding().key
LATER = NOW + timedelta(seconds=1)


def created(binding: Binding, **ids: str) -> BindingChange:
    return change_of(None, binding, **ids)


def moved(before: Binding, pod_id: str, decision_id: str = "") -> BindingChange:
    return change_of(before, before.moved(pod_id, LATER, "better there", decision_id), request_id="req-1")


def bound(stores, *bindings: Binding) -> None:
    for binding in bindings:
        stores.bindings.commit(created(binding))


def test_what_was_never_bound_is_none(stores):
    assert stores.bindings.get(KEY) is None
    assert stores.bindings.history(KEY) == []


def test_a_first_binding_is_stored_with_its_event(stores):
    change = created(a_binding(decision_id="d1"), request_id="req-1", user_id="u1")

    assert stores.bindings.commit(change) == change.after
    assert stores.bindings.get(KEY) == change.after
    assert stores.bindings.history(KEY) == [change.event]


@pytest.mark.parametrize("az_name", ["az#1", "az:1", "west 1", "ost-ü"])
def test_a_zone_may_have_any_name(stores, az_name):
    binding = a_binding(az_name=az_name, affinity_group="resource=CAD%20Modeling")
    bound(stores, binding)

    assert stores.bindings.get(binding.key) == binding
    assert BindingKey.parse(binding.key.binding_id) == binding.key
    assert [event.key for event in stores.bindings.history(binding.key)] == [binding.key]


def test_a_second_first_binding_loses_and_learns_the_winner(stores):
    bound(stores, a_binding("pod-a"))

    with pytest.raises(BindingConflict) as lost:
        stores.bindings.commit(created(a_binding("pod-b")))
    assert lost.value.winner == a_binding("pod-a")
    assert [event.pod_id for event in stores.bindings.history(KEY)] == ["pod-a"]


def test_a_move_of_an_older_generation_loses_and_changes_nothing(stores):
    bound(stores, a_binding("pod-a"))
    winner = stores.bindings.commit(moved(a_binding("pod-a"), "pod-b"))

    with pytest.raises(BindingConflict) as lost:
        stores.bindings.commit(moved(a_binding("pod-a"), "pod-c"))
    assert lost.value.winner == winner == stores.bindings.get(KEY)
    assert [event.pod_id for event in stores.bindings.history(KEY)] == ["pod-a", "pod-b"]


def test_a_generation_that_was_never_stored_cant_be_followed(stores):
    bound(stores, a_binding("pod-a"))

    with pytest.raises(BindingConflict):
        stores.bindings.commit(moved(a_binding("pod-a", generation=5), "pod-b"))
    assert stores.bindings.get(KEY).generation == 1


def test_an_ended_binding_counts_on_when_it_comes_back(stores):
    first = a_binding("pod-a")
    bound(stores, first)
    ended = first.ended(LATER, "project closed")
    stores.bindings.commit(change_of(first, ended))
    stores.bindings.commit(change_of(ended, ended.moved("pod-b", LATER, "back again")))

    events = stores.bindings.history(KEY)
    assert [event.generation for event in events] == [1, 2, 3]
    assert [e.action for e in events] == [BindingAction.CREATED, BindingAction.ENDED, BindingAction.CREATED]
    assert stores.bindings.get(KEY).generation == 3


def test_nobody_starts_over_where_a_binding_ended(stores):
    first = a_binding("pod-a")
    bound(stores, first)
    stores.bindings.commit(change_of(first, first.ended(LATER, "project closed")))

    with pytest.raises(BindingConflict) as lost:
        stores.bindings.commit(created(a_binding("pod-b")))
    assert not lost.value.winner.is_binding


def test_a_write_repeated_because_its_answer_was_lost_has_won(stores):
    change = created(a_binding(decision_id="d1"), request_id="req-1")
    stores.bindings.commit(change)

    assert stores.bindings.commit(change) == change.after
    assert len(stores.bindings.history(KEY)) == 1


def test_a_repeated_write_has_won_even_when_others_wrote_since(stores):
    change = created(a_binding(decision_id="d1"))
    stores.bindings.commit(change)
    stores.bindings.commit(moved(change.after, "pod-b"))

    assert stores.bindings.commit(change) == change.after


def test_another_decision_of_the_same_request_is_a_rival(stores):
    stores.bindings.commit(created(a_binding("pod-a", decision_id="d1"), request_id="req-1"))

    with pytest.raises(BindingConflict):
        stores.bindings.commit(created(a_binding("pod-b", decision_id="d2"), request_id="req-1"))


def test_equal_writes_without_any_id_are_rivals(stores):
    bound(stores, a_binding("pod-a"))

    with pytest.raises(BindingConflict):
        bound(stores, a_binding("pod-a"))


def test_a_further_write_joins_the_winning_transaction(stores):
    addition = stores.projects.addition(PROJECT, "pod-a")
    stores.bindings.commit(created(a_binding("pod-a")), also=[addition])

    assert stores.projects.pod_ids(PROJECT) == {"pod-a"}


def test_a_further_write_is_lost_with_its_transaction(stores):
    bound(stores, a_binding("pod-a"))

    with pytest.raises(BindingConflict):
        stores.bindings.commit(created(a_binding("pod-b")), also=[stores.projects.addition(PROJECT, "pod-b")])
    assert stores.projects.pod_ids(PROJECT) == frozenset()


def test_a_projects_bindings_are_its_active_ones_of_the_group_in_all_zones(stores):
    here, there = a_binding(az_name="az1"), a_binding("pod-b", az_name="az2")
    ended = a_binding("pod-c", az_name="az3")
    bound(stores, here, there, ended)
    bound(stores, a_binding(affinity_group="gpu=1"), a_binding(project_id="another"))
    stores.bindings.commit(change_of(ended, ended.ended(LATER, "over")))

    assert sorted(stores.bindings.of_project(PROJECT, "general"), key=lambda b: b.key) == [here, there]


FOUND = {
    "by project": (BindingQuery(project_id="p1"), ["p1:az1:general", "p1:az2:general"]),
    "by zone": (BindingQuery(az_name="az1"), ["p1:az1:general", "p2:az1:general"]),
    "by pod": (BindingQuery(pod_id="pod-a"), ["p1:az1:general"]),
    "by group": (BindingQuery(affinity_group="gpu=1"), ["p3:az2:gpu%3D1"]),
    "by pod and project": (BindingQuery(pod_id="pod-b", project_id="p2"), ["p2:az1:general"]),
    "all": (BindingQuery(), ["p1:az1:general", "p1:az2:general", "p2:az1:general", "p3:az2:gpu%3D1"]),
    "ended": (BindingQuery(active=False), ["p4:az1:general"]),
    "ended too": (
        BindingQuery(az_name="az1", active=None),
        ["p1:az1:general", "p2:az1:general", "p4:az1:general"],
    ),
}


@pytest.fixture
def some_bindings(stores):
    bound(
        stores,
        a_binding("pod-a", "az1", project_id="p1"),
        a_binding("pod-b", "az2", project_id="p1"),
        a_binding("pod-b", "az1", project_id="p2"),
        a_binding("pod-c", "az2", project_id="p3", affinity_group="gpu=1"),
    )
    over = a_binding("pod-a", "az1", project_id="p4")
    bound(stores, over)
    stores.bindings.commit(change_of(over, over.ended(LATER, "over")))


@pytest.mark.usefixtures("some_bindings")
@pytest.mark.parametrize(("query", "expected"), FOUND.values(), ids=FOUND)
def test_bindings_are_found_sorted_by_key(stores, query, expected):
    assert [binding.key.binding_id for binding in stores.bindings.find(query)] == expected


@pytest.mark.usefixtures("some_bindings")
def test_pages_of_bindings_leave_no_gap_and_repeat_nothing(stores):
    seen, marker = [], ""
    while page := stores.bindings.find(BindingQuery(), Page(limit=3, marker=marker)):
        seen += page
        marker = page[-1].key.binding_id

    assert seen == stores.bindings.find(BindingQuery())
    assert len(seen) == 4


def test_a_binding_that_moved_is_found_at_its_new_pod_only(stores):
    bound(stores, a_binding("pod-a"))
    stores.bindings.commit(moved(a_binding("pod-a"), "pod-b"))

    assert stores.bindings.find(BindingQuery(pod_id="pod-a")) == []
    assert [b.generation for b in stores.bindings.find(BindingQuery(pod_id="pod-b"))] == [2]


def test_times_are_kept_to_the_microsecond(stores):
    exact = NOW.replace(microsecond=123456)
    binding = replace(a_binding(), created_at=exact, updated_at=exact)
    bound(stores, binding)

    assert stores.bindings.get(KEY) == binding


def walked(stores, limit, between=lambda row: None):
    """A pod's bindings as a walk in pages finds them; ``between`` is told of each page's last row."""
    found, marker, pages = [], "", 0
    while pages == 0 or marker:
        rows = stores.bindings.in_pod("pod-a", marker, limit)
        found += [binding.key.binding_id for binding in rows.bindings]
        marker, pages = rows.last, pages + 1
        between(marker)
    return found, pages


def many_of_a_pod(stores):
    there = [a_binding("pod-a", project_id=f"p{n}") for n in range(4)]
    there += [a_binding("pod-a", project_id="p1", affinity_group=f"resource={n}") for n in range(3)]
    bound(stores, *there, a_binding("pod-b", project_id="p1", az_name="az2"))
    return there


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_walk_through_a_pod_finds_each_of_its_active_bindings_once(stores, limit):
    there = many_of_a_pod(stores)
    ended = there.pop(2)
    stores.bindings.commit(change_of(ended, ended.ended(LATER, "gone"), request_id="req-1"))

    found, pages = walked(stores, limit)

    assert sorted(found) == sorted(binding.key.binding_id for binding in there)
    assert pages >= len(there) / limit


def test_a_walk_goes_on_where_it_was_though_that_binding_left_the_pod(stores):
    there = many_of_a_pod(stores)

    def leaves(binding_id):
        key = BindingKey.parse(binding_id)
        if key is not None:
            stores.bindings.commit(moved(stores.bindings.get(key), "pod-b"))

    found, _ = walked(stores, 2, leaves)

    assert sorted(found) == sorted(binding.key.binding_id for binding in there)
