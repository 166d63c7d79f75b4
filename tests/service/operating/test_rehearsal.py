"""A profile tried on what was decided, before it is switched on."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.errors import Conflict, InvalidField
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.operating.rehearsal import RehearsalOrder
from tests.builders import NOW, PROJECT, a_filled_pod, a_pod, a_spec
from tests.service.desk import OPERATOR, Desk

PODS = [
    a_filled_pod("pod-empty", 0),
    a_filled_pod("pod-half", 50),
    a_filled_pod("pod-far", 50, az_name="az2"),
]


def a_desk(*zones, count=1, project_id=PROJECT):
    """With decisions in these zones, the newest first in the order of their ids."""
    desk = Desk(*PODS, a_pod("top", ""))
    for number, az_name in enumerate(zones * count):
        at = NOW - timedelta(seconds=number)
        spec = a_spec(az_name=az_name, requested_at=at, project_id=project_id)
        desk.kept.save(decide(snapshot_of(PODS), spec, SPREAD, f"d{number:04}"))
    return desk


def outcome(desk, document, **order):
    rehearsed = desk.rehearsal.run(RehearsalOrder(document, **order))
    return {difference.value: count for difference, count in rehearsed.counts.items() if count}


def test_a_profile_is_tried_on_what_was_kept_and_nothing_is_written():
    desk = a_desk("az1", "az2", "az1")

    assert outcome(desk, {"based_on": "pack"}) == {"other_pod": 2, "same": 1}
    assert outcome(desk, {"bind_watermark": 0.2, "keep_watermark": 0.3}) == {"newly_rejected": 1, "same": 2}
    assert desk.profile_store.list() == []
    assert len(desk.kept.list()) == 3


def test_a_zones_profile_is_tried_on_creates_that_asked_for_it_alone():
    desk = a_desk("az1", "az2", None, count=2)

    assert outcome(desk, {"weighers": {"idle_capacity": -1}, "tie_margin": 0}, az_name="az1") == {
        "other_pod": 2
    }
    assert outcome(desk, {"bind_watermark": 0.2}, az_name="az2") == {"newly_rejected": 2}


def test_a_default_is_tried_under_the_zones_own_profiles():
    desk = a_desk("az1", "az2")
    desk.profiles.put("zone:az1", {"version": 0, "bind_watermark": 0.93}, OPERATOR)

    lower = {"bind_watermark": 0.2}
    rehearsed = desk.rehearsal.run(RehearsalOrder(lower))

    assert outcome(desk, lower) == {"same": 1, "newly_rejected": 1}
    by_zone = {again.before.spec.az_name: again.after.profile["name"] for again in rehearsed.decided}
    assert by_zone == {"az1": "zone:az1", "az2": "default"}
    assert (rehearsed.profile.name, rehearsed.profile.version) == ("default", 1)


def test_only_the_last_decisions_count_and_only_those_of_the_project_that_is_named():
    desk = a_desk("az1", count=250)

    assert sum(outcome(desk, {}).values()) == 200
    assert sum(outcome(desk, {}, last=230).values()) == 230
    newest = desk.rehearsal.run(RehearsalOrder({}, last=2)).decided
    assert [again.before.decision_id for again in newest] == ["d0000", "d0001"]
    assert outcome(desk, {}, project_id="another") == {}
    assert sum(outcome(desk, {}, last=999, project_id=PROJECT).values()) == 250


def test_a_zones_creates_are_found_behind_many_others():
    desk = a_desk(*["az1"] * 150, "az2")

    assert outcome(desk, {}, az_name="az2", last=5) == {"same": 1}


def test_what_was_rejected_then_is_asked_of_the_pod_as_it_is_today():
    desk = a_desk()
    nearly = a_filled_pod("pod-half", 92)
    desk.kept.save(decide(snapshot_of([nearly]), a_spec(requested_at=NOW), SPREAD, "d1"))

    rehearsed = desk.rehearsal.run(RehearsalOrder({"bind_watermark": 0.94}))

    (again,) = rehearsed.decided
    assert (again.difference, again.exact) == ("newly_possible", False)
    assert again.after.selected.pod == next(p for p in desk.pod_store.list() if p.pod_id == "pod-half")


@pytest.mark.parametrize(
    ("document", "az_name", "field"),
    [
        ({"bind_watermark": 2}, "", "bind_watermark"),
        ({"filters": ["gone"]}, "az1", "filters.0"),
        ({"name": "pack"}, "", "name"),
        ({}, "az9", "az_name"),
        ({"based_on": "pack"}, "az1", "based_on"),
    ],
)
def test_a_profile_that_could_not_be_written_can_not_be_tried(document, az_name, field):
    with pytest.raises(InvalidField) as refused:
        a_desk("az1").rehearsal.run(RehearsalOrder(document, az_name=az_name))
    assert refused.value.field == field


def test_a_default_that_breaks_a_zones_profile_can_not_be_tried_either():
    desk = a_desk("az1")
    desk.profiles.put("zone:az1", {"version": 0, "bind_watermark": 0.93}, OPERATOR)

    with pytest.raises(Conflict):
        desk.rehearsal.run(RehearsalOrder({"keep_watermark": 0.92}))


def test_lost_races_are_no_difference():
    desk = a_desk()
    decision = decide(snapshot_of(PODS), a_spec(requested_at=NOW), SPREAD, "d1")
    desk.kept.save(replace(decision, decision_id="d2").given_way())

    assert Counter(outcome(desk, {})) == {"same": 1}
