"""Contenders: how many of the best pods of a plan one request must look at, so that it misses none."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

import pytest

from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.contenders import deep_enough
from chalicelib.scheduler.plan import make_plan
from chalicelib.scheduler.profile import SPREAD, Preference
from chalicelib.scheduler.ranking import KEPT
from chalicelib.scheduler.rule import Bounds, Weigher
from tests.builders import NOW, a_pod, a_spec

EMPTY = make_plan(snapshot_of([]), a_spec(), SPREAD)
STEADY = replace(SPREAD, weighers={"idle_capacity": 1.0}, tie_margin=0.0)
SCORES = [1.0 - n / 100 for n in range(30)]


def depth(scores=SCORES, gone=0, profile=STEADY, **spec):
    plan = replace(EMPTY, negated=[-score for score in scores])
    return deep_enough(plan, gone, a_spec(**spec), profile)


def test_without_a_pod_there_is_none_to_look_at():
    assert depth([]) == 0


@pytest.mark.parametrize(("gone", "deep"), [(0, KEPT), (1, KEPT + 1), (14, 30), (15, 30), (40, 30)])
def test_as_many_are_looked_at_as_a_decision_keeps_and_one_more_for_each_that_does_not_compete(gone, deep):
    assert depth(gone=gone) == deep


@pytest.mark.parametrize("pods", [1, KEPT - 1, KEPT])
def test_of_few_pods_all_are_looked_at(pods):
    assert depth(SCORES[:pods]) == pods


@pytest.mark.parametrize(("worse_by", "deep"), [(0.0, 17), (1e-9, 17), (3e-9, 16)])
def test_who_ties_with_the_last_that_is_kept_is_looked_at_too_but_for_what_rounding_explains(worse_by, deep):
    scores = SCORES[:16]

    assert depth([*scores, scores[-1] - worse_by]) == deep


@pytest.mark.parametrize(("margin", "deep"), [(0.1, 16), (0.205, 21), (0.295, 30)])
def test_all_that_tie_with_the_best_are_looked_at(margin, deep):
    assert depth(profile=replace(STEADY, tie_margin=margin)) == deep
    assert depth(profile=replace(STEADY, tie_margin=margin), gone=5) == min(30, max(deep + 5, 21))


@pytest.mark.parametrize("weight", [1.0, -1.0])
def test_what_time_may_have_changed_since_the_plan_was_made_counts(weight):
    aging = replace(SPREAD, weighers={"freshness": weight}, tie_margin=0.0)
    seconds = 0.035 / aging.apart_per_second

    assert aging.apart_per_second > 0
    assert depth(profile=aging) == 16
    for direction in (1, -1):
        later = NOW + timedelta(seconds=direction * seconds)
        assert depth(profile=aging, requested_at=later) == 19


@dataclass(frozen=True)
class Taste(Weigher):
    """A weigher that each request asks anew."""

    name: ClassVar[str] = "taste"
    bounds: ClassVar[Bounds] = Bounds(0.0, 2.0)

    def weigh(self, pod, spec):
        return 0.0


@pytest.mark.parametrize("weight", [0.055, -0.055])
def test_so_does_what_only_the_request_knows(weight):
    own = replace(STEADY, custom_weighers=(Preference(Taste(), weight),))

    assert depth(profile=own) == 21
    assert depth([1.0], profile=own) == 1


def test_a_plan_knows_all_pods_that_pass_best_first():
    full, pods = a_pod("full", max_instances=0), [a_pod(f"pod-{n}", weight=float(n)) for n in range(3)]
    weighed = replace(SPREAD, weighers={"static_weight": 1.0})
    plan = make_plan(snapshot_of([*pods, full]), a_spec(), weighed)

    assert (plan.places, plan.passing) == ([2, 1, 0], {0, 1, 2})
    assert plan.negated == [-0.02, -0.01, -0.0]
    assert plan.steady == {"static_weight": [2.0, 1.0, 0.0]}
    assert (plan.rejected_ids, plan.counts) == (["full"], {"capacity": 1})
    assert plan.seconds == NOW.timestamp()
