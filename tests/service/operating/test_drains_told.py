"""What a drain plans, and what it writes of a binding that it leaves where it is."""

from dataclasses import replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import change_of
from chalicelib.model.errors import NotFound
from chalicelib.model.job import Outcome, Step
from chalicelib.model.page import Page
from chalicelib.model.pod import PodState
from chalicelib.scheduler.decision import Action
from chalicelib.service.asking.troubles import Troubles
from tests.builders import NOW, a_capacity, a_filled_pod, a_flavor, a_pod
from tests.service.desk import OPERATOR, Desk
from tests.service.operating.drained import ROOMY, a_desk, bind, deliver, key, start, where

SINCE = "somebody else wrote it meanwhile: it is bound to far, generation 2"


def plan(desk, pod_id="a"):
    return desk.drains.plan(pod_id, Page())


def test_a_plan_decides_as_the_projects_next_create_would_with_the_pod_away():
    desk = a_desk(1)

    (move,) = plan(desk)

    spec, binding = move.decision.spec, desk.bindings.get(key("p0"))
    assert (move.binding, move.pod.pod_id, move.reason) == (
        binding,
        "b",
        "B is the best of 1 that can take it",
    )
    assert (spec.project_id, spec.az_name, spec.requested_at, spec.request_id) == ("p0", "az1", NOW, "")
    assert (spec.flavor, spec.count, spec.need) == (a_flavor(), 1, a_flavor().need())
    assert spec.bindings == (binding,)
    assert move.decision.action is Action.UPDATE
    assert move.decision.decision_id == "id-1"
    assert move.decision.rejected_counts == {"availability_zone": 1}


def test_a_plan_of_a_binding_that_fits_nowhere_names_no_pod_and_says_why():
    desk = a_desk(1, capacity=a_capacity(used=Amounts(vcpus=90)))

    (move,) = plan(desk)

    assert (move.binding, move.pod) == (desk.bindings.get(key("p0")), None)
    assert move.decision.selected is None
    assert move.reason == (
        "No room in availability zone az1 for this request now. Pods rejected: 1 by capacity."
    )


def test_a_plan_says_how_many_pods_could_take_a_binding():
    pods = (
        a_pod("a", catalogue=ROOMY),
        *(a_filled_pod(n, 10 * i, catalogue=ROOMY) for i, n in enumerate("bc")),
    )
    desk = Desk(*pods)
    bind(desk, "p0")

    assert plan(desk)[0].reason == "B is the best of 2 that can take it"


def test_a_plan_passes_over_a_pod_that_does_not_answer():
    desk = Desk(*(a_pod(pod_id, catalogue=ROOMY) for pod_id in "abc"))
    bind(desk, "p0")
    better = plan(desk)[0].pod.pod_id
    for _ in range(5):
        Troubles(desk.outside.troubles, desk.clock).call_failed(better)

    assert {better, plan(desk)[0].pod.pod_id} == {"b", "c"}


def test_a_plan_goes_by_the_profile_of_the_bindings_zone():
    desk = a_desk(1)
    desk.profiles.put("zone:az1", {"version": 0, "tie_margin": 0.5}, OPERATOR)

    assert plan(desk)[0].decision.profile["name"] == "zone:az1"


def test_a_plan_of_an_unknown_pod_is_refused():
    with pytest.raises(NotFound) as missing:
        plan(a_desk(1), "nowhere")

    assert missing.value.kind == "Pod"


def test_a_binding_without_any_flavor_is_planned_as_a_small_server_that_any_pod_could_run():
    desk = Desk(a_pod("a", catalogue={}), a_pod("b", catalogue={}))
    bind(desk, "p0")

    (move,) = plan(desk)

    assert (move.pod.pod_id, move.decision.spec.flavor.flavor_id) == ("b", "nominal")
    assert move.decision.spec.need == Amounts(1, 1024, 0, 1)


def rewritten(bound):
    return bound.moved("far", NOW, "by hand")


def ended(bound):
    return bound.ended(NOW, "gone")


def others_write(desk, change):
    bound = desk.bindings.get(key("p0"))
    desk.bindings.commit(change_of(bound, change(bound), request_id="req-9"))


@pytest.mark.parametrize(("change", "why"), [(rewritten, SINCE), (ended, "ended meanwhile")])
def test_a_binding_that_changed_before_its_turn_is_skipped_at_the_generation_that_it_has(change, why):
    desk = a_desk(1)
    job_id = start(desk)
    move = desk.drains.mover(desk.job_store.get(job_id))
    others_write(desk, change)

    move(key("p0"))

    assert list(desk.job_store.steps(job_id)) == [Step(key("p0"), Outcome.SKIPPED, 2, NOW, reason=why)]
    assert desk.kept.list() == []


def test_a_binding_of_which_there_is_nothing_is_skipped_at_no_generation():
    desk = a_desk(0)
    job_id = start(desk)

    desk.drains.mover(desk.job_store.get(job_id))(key("p0"))

    assert list(desk.job_store.steps(job_id)) == [
        Step(key("p0"), Outcome.SKIPPED, 0, NOW, reason="ended meanwhile")
    ]


def drained(projects=1):
    desk = a_desk(projects)
    job_id = start(desk)
    deliver(desk)
    return desk, job_id


@pytest.mark.parametrize(("change", "generation"), [(rewritten, 3), (ended, 3)])
def test_a_binding_that_changed_since_its_move_is_kept_at_the_generation_that_it_has(change, generation):
    desk, job_id = drained()
    others_write(desk, change)
    why = SINCE.replace("2", "3") if change is rewritten else "ended meanwhile"

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert list(desk.job_store.steps(job_id)) == [
        Step(key("p0"), Outcome.KEPT, generation, desk.clock.now, "b", why)
    ]


def test_a_move_of_a_binding_of_which_nothing_is_left_is_kept_at_the_steps_own_generation():
    desk, job_id = drained()
    job, (step,) = desk.job_store.get(job_id), desk.job_store.steps(job_id)
    desk.bindings._bindings.clear()

    desk.drains.returner(job)(step)

    assert list(desk.job_store.steps(job_id)) == [
        Step(key("p0"), Outcome.KEPT, 2, desk.clock.now, "b", "ended meanwhile")
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [({"az_name": "az9"}, "A is no longer in az1"), ({"state": PodState.DISABLED}, "A is disabled")],
)
def test_a_binding_that_can_not_go_back_is_kept_where_it_is_with_the_reason(change, why):
    desk, job_id = drained()
    pod = desk.pods.get("a")
    desk.pod_store.update(pod, replace(pod, **change))
    job, (step,) = desk.job_store.get(job_id), desk.job_store.steps(job_id)

    desk.drains.returner(job)(step)

    assert list(desk.job_store.steps(job_id)) == [Step(key("p0"), Outcome.KEPT, 2, desk.clock.now, "b", why)]
    assert where(desk) == {"p0": "b"}


def test_a_pod_that_projects_go_back_to_is_among_those_that_their_lists_ask():
    desk, job_id = drained()
    assert desk.projects.pod_ids("p0") == {"b"}

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert desk.projects.pod_ids("p0") == {"a", "b"}
