"""Bindings by hand: what is written and told of each change, and what is refused in which words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.affinity import GENERAL
from chalicelib.model.binding import Binding, BindingAction, BindingEvent, BindingKey, change_of
from chalicelib.model.errors import BindingConflict, Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.model.page import BindingQuery, Page
from tests.builders import NOW, PROJECT, a_binding
from tests.service.desk import OPERATOR
from tests.service.operating.test_bindings import CHANGES, KEY, a_desk, bind

LATER = NOW + timedelta(minutes=1)
ID = f"{PROJECT}:az1:general"


def event(generation, action, pod_id, previous, reason, at=NOW):
    return BindingEvent(KEY, generation, action, pod_id, previous, reason, "", "req-1", "op-1", at)


def test_each_change_is_shown_whole_and_has_an_event_with_who_when_and_why():
    desk = a_desk()

    first = bind(desk, "a", "first")
    desk.clock.now = LATER
    moved = desk.rebinding.rebind(KEY, "b", "room", OPERATOR)
    ended = desk.rebinding.end(KEY, "done", OPERATOR)
    again = bind(desk, "a", "anew")

    assert first == Binding(KEY, "a", 1, NOW, NOW, reason="first")
    assert moved == Binding(KEY, "b", 2, NOW, LATER, reason="room")
    assert ended == Binding(KEY, "b", 3, NOW, LATER, is_binding=False, reason="done")
    assert again == Binding(KEY, "a", 4, NOW, LATER, reason="anew")
    assert desk.rebinding.get(KEY) == again
    assert desk.rebinding.history(KEY) == [
        event(1, BindingAction.CREATED, "a", "", "first"),
        event(2, BindingAction.UPDATED, "b", "a", "room", LATER),
        event(3, BindingAction.ENDED, "b", "b", "done", LATER),
        event(4, BindingAction.CREATED, "a", "", "anew", LATER),
    ]


def bound_widely():
    """Bindings of two projects in two zones, of which one has ended."""
    desk = a_desk()
    for project_id, pod_id in (("p1", "a"), ("p1", "far"), ("p2", "b"), ("p3", "b")):
        desk.rebinding.bind(project_id, pod_id, GENERAL, "", OPERATOR)
    desk.rebinding.end(BindingKey("p3", "az1", GENERAL), "", OPERATOR)
    return desk


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (BindingQuery(), ["p1:az1:general", "p1:az2:general", "p2:az1:general"]),
        (BindingQuery(pod_id="b"), ["p2:az1:general"]),
        (BindingQuery(pod_id="b", active=None), ["p2:az1:general", "p3:az1:general"]),
        (BindingQuery(project_id="p9"), []),
    ],
)
def test_bindings_are_found_by_what_is_asked(query, found):
    assert [each.key.binding_id for each in bound_widely().rebinding.find(query)] == found


def test_pages_of_bindings_meet():
    rebinding = bound_widely().rebinding

    first = rebinding.find(BindingQuery(), Page(limit=2))
    rest = rebinding.find(BindingQuery(), Page(limit=2, marker=first[-1].key.binding_id))

    assert first + rest == rebinding.find(BindingQuery())


@pytest.mark.parametrize("marker", ["p1", "p1:az1", "a:b:c:d", "p1::general"])
def test_a_marker_that_can_be_no_bindings_id_is_refused(marker):
    with pytest.raises(InvalidField) as refused:
        a_desk().rebinding.find(BindingQuery(), Page(marker=marker))

    assert (refused.value.field, str(refused.value)) == ("marker", f"{marker} is no binding's id")


@pytest.mark.parametrize("use", ["get", "history", "end", "rebind"])
def test_what_never_was_bound_is_not_found_by_its_id(use):
    rebinding, rest = a_desk().rebinding, {"end": ("", OPERATOR), "rebind": ("b", "", OPERATOR)}

    with pytest.raises(NotFound) as missing:
        getattr(rebinding, use)(KEY, *rest.get(use, ()))

    assert str(missing.value) == f"Binding {ID} could not be found."


def test_a_moment_at_which_nothing_was_bound_is_told():
    desk = a_desk()
    bind(desk)

    with pytest.raises(NotFound) as missing:
        desk.rebinding.at(KEY, NOW - timedelta(seconds=1))

    assert str(missing.value) == f"Binding {ID} at 2025-06-01T11:59:59+00:00 could not be found."


def test_a_binding_of_the_past_names_the_decision_by_which_it_was():
    desk = a_desk()
    bound = a_binding("a", decision_id="d-1")
    desk.bindings.commit(change_of(None, bound, "req-1"))
    desk.bindings.commit(change_of(bound, bound.ended(LATER, "done"), "req-2"))

    assert desk.rebinding.at(KEY, NOW) == bound
    assert desk.rebinding.at(KEY, LATER - timedelta(seconds=1)) == bound


def refusal(desk, pod_id="b", key=KEY, **fields):
    with pytest.raises((Conflict, InvalidField)) as refused:
        desk.rebinding.rebind(key, pod_id, "room", OPERATOR, **fields)
    return refused.value.field, str(refused.value)


def test_a_refused_rebinding_names_the_field_and_says_why():
    desk = a_desk()
    bind(desk, "a")

    assert refusal(desk, generation=2) == (
        "generation",
        "the binding is at generation 1, not 2: read it again",
    )
    assert refusal(desk, "a") == ("pod_id", "it is bound to A already")
    assert refusal(desk, "far") == ("pod_id", "Far is in az2, the binding in az1")
    assert refusal(desk, "top") == ("pod_id", "Top is the top region, which takes no servers")
    assert refusal(desk, "nowhere") == ("pod_id", "no pod has the id nowhere")
    pod = desk.pods.get("b")
    desk.pod_store.update(pod, replace(pod, denied_project_ids=frozenset({PROJECT})))
    assert refusal(desk) == ("pod_id", "B denies this project")
    desk.rebinding.end(KEY, "done", OPERATOR)
    assert refusal(desk) == ("", f"binding {ID} has ended")


def test_a_pod_that_was_deleted_is_named_by_its_id():
    desk = a_desk()
    desk.bindings.commit(change_of(None, a_binding("gone")))

    assert refusal(desk, "gone") == ("pod_id", "it is bound to gone already")
    with pytest.raises(Conflict) as refused:
        bind(desk, "a")
    assert str(refused.value) == f"{PROJECT} is bound to gone in az1: rebind it"


def test_a_group_that_no_tags_have_is_refused():
    with pytest.raises(InvalidField) as refused:
        a_desk().rebinding.bind(PROJECT, "a", "no tag", "", OPERATOR)

    assert (refused.value.field, str(refused.value)) == ("affinity_group", "no tags have this group's name")


class Rival:
    """Somebody who writes the binding after it was read and before it is written."""

    def __init__(self, desk):
        self.desk, self.commit = desk, desk.bindings.commit
        desk.bindings.commit = self

    def __call__(self, change, also=()):
        before = self.desk.bindings.get(change.after.key)
        if before is None:
            self.commit(change_of(None, a_binding("a", reason="theirs"), "req-2"))
        else:
            self.commit(change_of(before, before.moved("a", NOW, "theirs"), "req-2"))
        return self.commit(change, also)


@pytest.mark.parametrize("change", ["bind", "rebind", "end"])
def test_who_loses_a_race_changes_nothing_and_adds_no_pod_to_the_project(change):
    desk = a_desk()
    if change != "bind":
        bind(desk, "a")
    Rival(desk)

    with pytest.raises(BindingConflict):
        bind(desk, "b") if change == "bind" else CHANGES[change](desk)

    assert (desk.rebinding.get(KEY).pod_id, desk.rebinding.get(KEY).reason) == ("a", "theirs")
    assert "b" not in desk.projects.pod_ids(PROJECT)


def test_a_rebinding_needs_no_generation_and_takes_the_present_one():
    desk = a_desk()
    bind(desk, "a")

    assert desk.rebinding.rebind(KEY, "b", "", OPERATOR).generation == 2
    assert desk.rebinding.rebind(KEY, "a", "", OPERATOR, generation=2).generation == 3
    with pytest.raises(GenerationConflict):
        desk.rebinding.rebind(KEY, "b", "", OPERATOR, generation=2)
