from datetime import timedelta

import pytest

from chalicelib.model.affinity import GENERAL
from chalicelib.model.binding import BindingAction, BindingKey, change_of
from chalicelib.model.capacity import PodHealth
from chalicelib.model.errors import BindingConflict, Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.model.pod import PodState
from chalicelib.model.window import Window
from tests.builders import NOW, PROJECT, a_binding, a_pod
from tests.service.desk import OPERATOR, Desk

KEY = BindingKey(PROJECT, "az1", GENERAL)
CHANGES = {
    "rebind": lambda desk: desk.rebinding.rebind(KEY, "b", "room", OPERATOR),
    "end": lambda desk: desk.rebinding.end(KEY, "done", OPERATOR),
}


def a_desk():
    return Desk(a_pod("a"), a_pod("b"), a_pod("far", "az2"), a_pod("top", ""))


def bind(desk, pod_id="a", reason="by hand"):
    return desk.rebinding.bind(PROJECT, pod_id, GENERAL, reason, OPERATOR)


def test_a_binding_by_hand_takes_its_zone_from_the_pod_and_tells_who_and_why():
    desk = a_desk()

    bound = bind(desk, "far", "quarantine")

    assert bound.key == BindingKey(PROJECT, "az2", GENERAL)
    (event,) = desk.rebinding.history(bound.key)
    assert (event.action, event.pod_id, event.reason) == (BindingAction.CREATED, "far", "quarantine")
    assert (event.user_id, event.request_id, event.decision_id) == ("op-1", "req-1", "")


def test_a_project_bound_by_hand_is_known_to_be_in_that_pod():
    desk = a_desk()

    bind(desk, "a")
    desk.rebinding.rebind(KEY, "b", "room", OPERATOR)

    assert desk.projects.pod_ids(PROJECT) == {"a", "b"}


def test_a_second_binding_in_a_zone_is_refused_and_the_bound_pod_named():
    desk = a_desk()
    bind(desk, "a")

    with pytest.raises(Conflict, match="bound to A in az1"):
        bind(desk, "b")


def test_an_ended_binding_counts_on_when_it_is_bound_again():
    desk = a_desk()
    bind(desk, "a")
    desk.rebinding.end(KEY, "done", OPERATOR)

    again = bind(desk, "b")

    assert (again.generation, again.is_binding, again.pod_id) == (3, True, "b")
    assert [event.action for event in desk.rebinding.history(KEY)] == ["created", "ended", "created"]


@pytest.mark.parametrize("pod_id", ["nowhere", "top"])
def test_a_pod_that_cannot_take_servers_is_a_bad_pod_id(pod_id):
    with pytest.raises(InvalidField) as refused:
        bind(a_desk(), pod_id)

    assert refused.value.field == "pod_id"


def test_a_pod_in_maintenance_or_out_of_reach_may_be_bound_by_hand():
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    desk = Desk(a_pod("a", windows=(window,), health=PodHealth(unreachable_since=NOW - timedelta(days=1))))

    assert bind(desk, "a").is_binding


@pytest.mark.parametrize("state", [PodState.CORDONED, PodState.DRAINING, PodState.DISABLED])
def test_a_pod_that_takes_nothing_new_takes_no_binding_by_hand(state):
    desk = Desk(a_pod("a"), a_pod("b", state=state))
    bind(desk, "a")

    with pytest.raises(Conflict, match=f"B is {state}"):
        desk.rebinding.rebind(KEY, "b", "room", OPERATOR)


def test_a_rebinding_is_the_next_generation_and_remembers_where_it_came_from():
    desk = a_desk()
    bind(desk, "a")
    desk.clock.passes(seconds=60)

    moved = desk.rebinding.rebind(KEY, "b", "room", OPERATOR, generation=1)

    assert (moved.pod_id, moved.generation, moved.updated_at) == ("b", 2, NOW + timedelta(minutes=1))
    event = desk.rebinding.history(KEY)[-1]
    assert (event.action, event.previous_pod_id, event.reason) == (BindingAction.UPDATED, "a", "room")


def test_a_rebinding_to_the_same_pod_is_refused():
    desk = a_desk()
    bind(desk, "a")

    with pytest.raises(Conflict, match="bound to A already"):
        desk.rebinding.rebind(KEY, "a", "again", OPERATOR)


def test_a_rebinding_never_leaves_the_zone():
    desk = a_desk()
    bind(desk, "a")

    with pytest.raises(InvalidField) as refused:
        desk.rebinding.rebind(KEY, "far", "room", OPERATOR)

    assert refused.value.field == "pod_id"


def test_a_rebinding_that_names_an_older_generation_is_refused():
    desk = a_desk()
    bind(desk, "a")
    desk.rebinding.rebind(KEY, "b", "room", OPERATOR)

    with pytest.raises(GenerationConflict):
        desk.rebinding.rebind(KEY, "a", "back", OPERATOR, generation=1)


def test_a_rebinding_that_loses_the_race_is_a_conflict(monkeypatch):
    desk = a_desk()
    bind(desk, "a")
    read = desk.bindings.get

    def read_and_then_a_create_moves_it(key):
        before = read(key)
        if before.generation == 1:
            after = before.moved("b", NOW, "filled up", decision_id="d-1")
            desk.bindings.commit(change_of(before, after, request_id="req-of-a-create"))
        return before

    monkeypatch.setattr(desk.bindings, "get", read_and_then_a_create_moves_it)

    with pytest.raises(BindingConflict):
        desk.rebinding.end(KEY, "tidy up", OPERATOR)
    assert read(KEY).is_binding


@pytest.mark.parametrize("change", CHANGES)
def test_what_never_was_bound_is_not_found(change):
    desk = a_desk()

    with pytest.raises(NotFound):
        CHANGES[change](desk)


@pytest.mark.parametrize("change", CHANGES)
def test_an_ended_binding_is_changed_only_by_binding_again(change):
    desk = a_desk()
    bind(desk, "a")
    desk.rebinding.end(KEY, "done", OPERATOR)

    with pytest.raises(Conflict, match="has ended"):
        CHANGES[change](desk)


def test_the_past_can_be_asked_for_any_moment():
    desk = a_desk()
    bind(desk, "a", "first")
    desk.clock.passes(seconds=60)
    desk.rebinding.rebind(KEY, "b", "second", OPERATOR)
    desk.clock.passes(seconds=60)
    desk.rebinding.end(KEY, "over", OPERATOR)

    def pod_then(seconds):
        return desk.rebinding.at(KEY, NOW + timedelta(seconds=seconds)).pod_id

    assert [pod_then(0), pod_then(59), pod_then(60), pod_then(119)] == ["a", "a", "b", "b"]
    for when in (-1, 120, 500):
        with pytest.raises(NotFound):
            pod_then(when)


def test_a_binding_of_the_past_is_what_a_reader_saw_then():
    desk = a_desk()
    first = bind(desk, "a", "first")
    desk.clock.passes(seconds=60)
    second = desk.rebinding.rebind(KEY, "b", "second", OPERATOR)

    assert desk.rebinding.at(KEY, NOW) == first
    assert desk.rebinding.at(KEY, desk.clock.now) == second


def test_the_history_of_nothing_is_not_found():
    with pytest.raises(NotFound):
        a_desk().rebinding.history(a_binding().key)


@pytest.mark.parametrize(
    ("fields", "group", "said"),
    [
        ({"denied_project_ids": frozenset({PROJECT})}, GENERAL, "denies this project"),
        ({"allowed_project_ids": frozenset({"other"})}, GENERAL, "only for other projects"),
        ({"affinity_tags": {"gpu": "a100"}}, GENERAL, "kept for flavors"),
        ({}, "gpu=a100", "lacks the tag gpu=a100"),
    ],
)
def test_a_binding_by_hand_that_the_next_create_would_undo_is_refused(fields, group, said):
    desk = Desk(a_pod("a"), a_pod("b", **fields))

    with pytest.raises(Conflict, match=said) as refused:
        desk.rebinding.bind(PROJECT, "b", group, "by hand", OPERATOR)
    assert refused.value.field == "pod_id"
    if group == GENERAL:
        bind(desk, "a")
        with pytest.raises(Conflict, match=said):
            desk.rebinding.rebind(KEY, "b", "room", OPERATOR)


def test_a_project_is_bound_by_hand_where_its_tags_are():
    desk = Desk(a_pod("b", affinity_tags={"gpu": "a100", "cpu": "x"}))

    bound = desk.rebinding.bind(PROJECT, "b", "gpu=a100", "by hand", OPERATOR)

    assert bound.key.affinity_group == "gpu=a100"


def test_a_second_binding_of_a_project_by_hand_is_a_conflict_that_names_the_field():
    desk = a_desk()
    bind(desk)

    with pytest.raises(Conflict) as refused:
        bind(desk, "b")
    assert refused.value.field == "tenant_id"
