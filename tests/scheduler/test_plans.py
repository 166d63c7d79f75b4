"""Plans: the last few of each snapshot are kept, and go with it."""

import gc

from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.plan import make_plan
from chalicelib.scheduler.plans import MOST_PLANS, Plans
from chalicelib.scheduler.profile import SPREAD
from tests.builders import a_pod, a_spec

FIRST, SECOND = snapshot_of([a_pod("a")]), snapshot_of([a_pod("b")])
PLAN, OTHER = (make_plan(snapshot, a_spec(), SPREAD) for snapshot in (FIRST, SECOND))


def test_a_plan_is_found_by_its_snapshot_and_its_key():
    plans = Plans()
    plans.put(FIRST, "one", PLAN)
    plans.put(SECOND, "one", OTHER)

    assert (plans.get(FIRST, "one"), plans.get(SECOND, "one")) == (PLAN, OTHER)
    assert plans.get(FIRST, "another") is None
    assert (plans.of(FIRST), plans.of(SECOND), plans.snapshots()) == ([PLAN], [OTHER], 2)
    assert plans.of(snapshot_of([a_pod("c")])) == []


def test_a_snapshot_of_which_a_request_has_learned_more_shares_the_plans_of_its_original():
    plans = Plans()
    twin = FIRST.with_pods([a_pod("a", weight=2.0)])
    plans.put(twin, "one", PLAN)

    assert plans.get(FIRST, "one") is PLAN
    assert (plans.of(twin), plans.snapshots()) == ([PLAN], 1)


def test_a_newer_plan_takes_the_place_of_the_one_before():
    plans = Plans()
    plans.put(FIRST, "one", PLAN)
    plans.put(FIRST, "one", OTHER)

    assert plans.of(FIRST) == [OTHER]


def test_the_plan_that_was_not_used_for_longest_goes_first():
    plans = Plans()
    for number in range(MOST_PLANS):
        plans.put(FIRST, number, PLAN)
    assert plans.get(FIRST, 0) is PLAN
    plans.put(FIRST, "new", OTHER)

    assert len(plans.of(FIRST)) == MOST_PLANS
    assert plans.get(FIRST, 1) is None
    assert [plans.get(FIRST, key) for key in (0, 2, "new")] == [PLAN, PLAN, OTHER]


def test_plans_go_with_the_last_who_holds_their_snapshot():
    plans, snapshot = Plans(), snapshot_of([a_pod("a")])
    plans.put(snapshot, "one", PLAN)
    del snapshot
    gc.collect()

    assert plans.snapshots() == 0
