"""Kept decisions under another profile: what is certain, and what is only likely."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

import pytest

from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.decision_codec import pack, unpack
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import PACK, SPREAD
from chalicelib.scheduler.redeciding import Difference, redecide
from chalicelib.scheduler.rule import Filter, Rejection, Scope
from chalicelib.scheduler.upholding import upholds
from tests.builders import NOW, a_binding, a_filled_pod, a_pod, a_spec

EMPTY, HALF, NEAR, FULL = (
    a_filled_pod(f"pod-{name}", used)
    for name, used in (("empty", 0), ("half", 50), ("near", 92), ("full", 99))
)
WIDE = SPREAD.having(bind_watermark=0.94)
TIGHT = SPREAD.having(bind_watermark=0.3, keep_watermark=0.4)


def kept(*pods, profile=SPREAD, **spec):
    return unpack(pack(decide(snapshot_of(pods), a_spec(**spec), profile, "decision-1")))


def tried(decision, profile, today=()):
    again = redecide(decision, profile, today)
    return again.difference, again.exact


def test_the_same_profile_changes_nothing_and_that_is_certain():
    pods = [a_filled_pod(f"pod-{n:02}", n) for n in range(40)] + [FULL, a_pod("far", "az2")]

    assert tried(kept(*pods), SPREAD) == (Difference.SAME, True)
    assert tried(kept(*pods, bound_to="pod-full"), SPREAD) == (Difference.SAME, True)
    assert tried(kept(FULL), SPREAD) == (Difference.SAME, True)


def test_other_weights_choose_another_pod_of_those_kept():
    again = redecide(kept(EMPTY, HALF), PACK, ())

    assert (again.difference, again.exact) == (Difference.OTHER_POD, True)
    assert again.after.selected.pod.pod_id == "pod-half"


def test_a_tighter_profile_rejects_what_was_possible_and_counts_why():
    again = redecide(kept(HALF, FULL), TIGHT, ())

    assert (again.difference, again.exact) == (Difference.NEWLY_REJECTED, True)
    assert again.after.rejected_counts == {"capacity": 2}


def test_another_action_on_the_same_pod_is_told_apart():
    decision = kept(EMPTY, replace(HALF, state=PodState.DRAINING), bound_to="pod-half")
    lax = replace(SPREAD, filters=("availability_zone",), weighers={"idle_capacity": 1.0})

    assert decision.action is Action.UPDATE
    contested = redecide(decision.given_way(), SPREAD, ())
    assert (contested.difference, contested.action_before) == (Difference.SAME, Action.UPDATE)
    assert tried(decision, lax) == (Difference.SAME, True)
    diverted = kept(EMPTY, replace(HALF, state=PodState.CORDONED), bound_to="pod-half")
    assert tried(diverted, lax) == (Difference.OTHER_ACTION, True)


def test_a_rejection_that_may_be_lifted_is_judged_by_todays_record_and_only_partly_sure():
    decision = kept(NEAR)

    assert tried(decision, WIDE, today=[NEAR]) == (Difference.NEWLY_POSSIBLE, False)
    assert tried(decision, WIDE, today=[FULL]) == (Difference.SAME, False)
    assert tried(decision, WIDE, today=[]) == (Difference.SAME, False)


def test_only_pods_in_doubt_are_judged_by_todays_records_and_those_that_stay_rejected_are_counted():
    decision = kept(HALF, NEAR, FULL)
    again = redecide(decision, WIDE, [EMPTY, NEAR, replace(FULL, capacity=EMPTY.capacity)])

    assert not again.exact
    assert {weighed.pod.pod_id for weighed in again.after.weighed} == {"pod-half", "pod-near"}
    assert (again.after.weighed_count, again.after.rejected_counts) == (2, {"capacity": 1})
    assert (again.before, again.after.decision_id, again.after.zone_known) == (decision, "decision-1", True)


def test_a_zone_that_nobody_knew_then_is_still_unknown():
    again = redecide(kept(a_pod("far", "az2"), az_name="az9"), SPREAD, ())

    assert (again.after.zone_known, again.after.rejected_counts) == (False, {"availability_zone": 1})


def test_a_rejection_that_stands_is_not_asked_again_whatever_the_pod_is_like_today():
    decision = kept(EMPTY, FULL)

    idle_today = replace(FULL, capacity=EMPTY.capacity, weight=100.0)
    assert tried(decision, WIDE, today=[idle_today]) == (Difference.SAME, True)


def test_pods_that_passed_without_being_kept_leave_a_doubt_once_weights_change():
    pods = [a_filled_pod(f"pod-{n:02}", n) for n in range(40)]
    decision = kept(*pods)

    assert tried(decision, replace(PACK, tie_margin=0.0), today=pods) == (Difference.OTHER_POD, False)
    again = redecide(decision, PACK, pods)
    assert again.after.selected.pod.pod_id == "pod-39"
    younger = [replace(pod, created_at=NOW + timedelta(days=1)) for pod in pods]
    assert redecide(decision, PACK, younger).after.selected.pod.pod_id == "pod-15"
    as_old_as_the_request = [replace(pod, created_at=NOW) for pod in pods]
    assert redecide(decision, PACK, as_old_as_the_request).after.selected.pod.pod_id == "pod-39"


def test_a_new_filter_that_takes_the_best_away_leaves_a_doubt_about_those_not_kept():
    pods = [a_filled_pod(f"pod-{n:02}", n) for n in range(40)]
    blind = replace(SPREAD, filters=("availability_zone",))
    decision = unpack(pack(decide(snapshot_of(pods), a_spec(), blind, "decision-1")))
    best = decision.selected.pod.pod_id

    same = redecide(decision, SPREAD, pods)
    assert (same.difference, same.exact) == (Difference.SAME, True)
    without = replace(decision, spec=decision.spec.failed_in(best))
    again = redecide(without, SPREAD, [p for p in pods if p.pod_id != best])
    assert (again.difference, again.exact) == (Difference.OTHER_POD, False)


def test_pods_left_out_for_size_are_certain_while_their_filter_is_the_same():
    decision = replace(kept(EMPTY, FULL, NEAR), rejected=(), omitted=2)

    assert tried(decision, SPREAD) == (Difference.SAME, True)
    assert tried(decision, WIDE)[1] is False


def test_a_bound_pod_of_another_zone_is_certain_only_where_a_zone_was_asked_for():
    bound = [a_binding("pod-far", "az2")]
    far = a_filled_pod("pod-far", 99, az_name="az2")

    assert tried(kept(EMPTY, far, bound_to=bound), WIDE) == (Difference.SAME, True)
    assert tried(kept(EMPTY, far, bound_to=bound, az_name=None), SPREAD, today=[far])[1] is False


def test_a_profile_with_a_rule_that_is_no_more_can_still_be_tried():
    decision = replace(kept(EMPTY, FULL), profile={"filters": ["abolished"]})

    assert tried(decision, SPREAD)[0] is Difference.SAME


FULL_AT = Rejection("capacity", Scope.POD, "full", ("vcpus", 0.93, 0.9))
LONG_SILENT = Rejection("pod_state", Scope.POD, "unreachable", (400.0, 300.0))


@pytest.mark.parametrize(
    ("rejection", "changes", "bound", "upheld"),
    [
        (FULL_AT, {}, False, True),
        (FULL_AT, {"bind_watermark": 0.92}, False, True),
        (FULL_AT, {"bind_watermark": 0.93}, False, False),
        (FULL_AT, {"bind_watermark": 0.5}, True, False),
        (FULL_AT._replace(numbers=("vcpus", 0.97, 0.95)), {"bind_watermark": 0.5}, True, True),
        (FULL_AT._replace(numbers=("vcpus", 0.93, 0.7)), {"bind_watermark": 0.94}, False, True),
        (FULL_AT._replace(code="nothing", numbers=("vcpus",)), {"bind_watermark": 0.94}, False, True),
        (FULL_AT._replace(numbers=("vcpus",)), {"bind_watermark": 0.94}, False, False),
        (FULL_AT._replace(code="strange"), {"bind_watermark": 0.5}, False, False),
        (FULL_AT, {"filters": ("pod_state",)}, False, False),
        (LONG_SILENT, {"rebind_after_seconds": 400.0}, False, True),
        (LONG_SILENT, {"rebind_after_seconds": 401.0}, False, False),
        (LONG_SILENT._replace(code="disabled", numbers=()), {"rebind_after_seconds": 9e8}, False, True),
    ],
)
def test_kept_numbers_say_whether_a_rejection_stands(rejection, changes, bound, upheld):
    assert upholds(SPREAD.having(**changes), SPREAD, rejection, bound) is upheld


def test_a_pod_that_nobody_says_is_bound_is_judged_by_the_bind_watermark():
    full = Rejection("capacity", Scope.POD, "full", ("vcpus", 0.93, 0.9))

    assert upholds(SPREAD.having(bind_watermark=0.92, keep_watermark=0.94), SPREAD, full) is True


@pytest.mark.parametrize("bound", [True, False])
def test_a_fraction_that_may_have_been_exactly_at_the_new_watermark_upholds_nothing(bound):
    full = Rejection("capacity", Scope.POD, "full", ("vcpus", 0.95, SPREAD.rule("capacity").bind_watermark))
    at = 0.95 - 5e-5
    changes = (
        {"bind_watermark": 0.1, "keep_watermark": at}
        if bound
        else {"bind_watermark": at, "keep_watermark": 0.99}
    )

    assert upholds(SPREAD.having(**changes), SPREAD, full, bound) is False


@dataclass(frozen=True)
class Mood(Filter):
    """A filter that says nothing of what its kept rejections prove."""

    limit: int = 1
    name: ClassVar[str] = "mood"
    sentences: ClassVar[dict[str, str]] = {"bad": "is in a bad mood"}

    def reject(self, pod, spec):
        return Rejection(self.name, Scope.POD, "bad")


def test_a_filter_that_does_not_say_what_its_rejections_prove_leaves_a_doubt():
    assert Mood(2).upholds(Mood(1), Mood(1).reject(a_pod(), a_spec()), False) is False
