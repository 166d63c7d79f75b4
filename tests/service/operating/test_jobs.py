"""Jobs: the drain plan, slices, and what happens when slices die, run twice or meet other writers."""

import pytest

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import change_of
from chalicelib.model.errors import Conflict
from chalicelib.model.job import JobState, Outcome
from chalicelib.model.page import Page
from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.builders import NOW, a_capacity, a_flavor, a_pod, a_spec
from tests.service.desk import OPERATOR, Desk
from tests.service.operating.drained import ROOMY, a_desk, bind, deliver, key, outcomes, start, where
from tests.service.operating.dying import Died, Killer

HUGE = {"huge": a_flavor("huge", vcpus=90)}


def test_a_plan_says_who_would_go_where_and_writes_nothing():
    desk = a_desk(2)
    bind(desk, "other", "b")

    plan = desk.drains.plan("a", Page())

    assert [(m.binding.key.project_id, m.pod.pod_id) for m in plan] == [("p0", "b"), ("p1", "b")]
    assert plan[0].reason == "B is the best of 1 that can take it"
    assert where(desk) == {"p0": "a", "p1": "a", "other": "b"}
    assert desk.kept.list() == []
    assert desk.pod_store.get("a").state is PodState.ENABLED


def test_a_plan_comes_in_pages():
    desk = a_desk(3)

    (first,) = desk.drains.plan("a", Page(limit=1))
    rest = desk.drains.plan("a", Page(marker=first.binding.key.binding_id))

    assert [move.binding.key.project_id for move in (first, *rest)] == ["p0", "p1", "p2"]


def test_a_plan_says_what_would_fit_nowhere():
    desk = a_desk(1, capacity=a_capacity(used=Amounts(vcpus=90)))

    (move,) = desk.drains.plan("a", Page())

    assert move.pod is None
    assert "1 by capacity" in move.reason


def test_a_binding_is_judged_by_the_projects_last_create_in_its_zone():
    desk = a_desk(2, capacity=a_capacity(), catalogue={**ROOMY, **HUGE})
    spec = a_spec(HUGE["huge"], project_id="p0", count=2)
    desk.kept.save(decide(snapshot_of([a_pod("a")]), spec, SPREAD, "decision-1"))

    plan = desk.drains.plan("a", Page())

    assert [m.decision.spec.need.vcpus for m in plan] == [90, 1]


def test_a_binding_whose_projects_last_servers_booted_from_volumes_needs_no_disk():
    desk = a_desk(1)
    spec = a_spec(project_id="p0", need=Amounts(1, 1024, 0, 1))
    desk.kept.save(decide(snapshot_of([a_pod("a")]), spec, SPREAD, "decision-1"))

    (move,) = desk.drains.plan("a", Page())
    assert move.decision.spec.need == spec.need


def test_a_binding_without_a_create_is_judged_by_the_smallest_flavor_of_its_pod():
    sizes = {name: a_flavor(flavor_id=name, vcpus=vcpus) for name, vcpus in (("l", 4), ("s", 1), ("m", 2))}
    desk = Desk(a_pod("a", catalogue=sizes), a_pod("b", catalogue=sizes))
    bind(desk, "p0")

    (move,) = desk.drains.plan("a", Page())
    assert move.decision.spec.flavor.flavor_id == "s"


def test_a_group_whose_flavor_nobody_offers_goes_where_the_tag_is():
    desk = Desk(a_pod("a"), a_pod("b"), a_pod("cad", affinity_tags={"resource": "CAD, 3D"}, catalogue={}))
    bind(desk, "p0", group="resource=CAD%2C%203D")

    (move,) = desk.drains.plan("a", Page())

    assert move.pod.pod_id == "cad"


def test_a_drain_moves_every_binding_and_its_history_tells_why():
    desk = a_desk(3)

    job_id = start(desk)
    deliver(desk)

    assert where(desk) == {"p0": "b", "p1": "b", "p2": "b"}
    assert desk.job_store.get(job_id).state is JobState.DONE
    assert desk.pod_store.get("a").state is PodState.DRAINING
    event = desk.bindings.history(key("p0"))[-1]
    assert (event.reason, event.request_id, event.user_id) == (f"drain of A, job {job_id}", "req-1", "op-1")
    decision = desk.kept.get(event.decision_id)
    assert (decision.selected.pod.pod_id, decision.binding.pod_id) == ("b", "a")
    assert desk.projects.pod_ids("p0") == {"b"}


def test_what_fits_nowhere_stays_and_is_told():
    desk = a_desk(1, capacity=a_capacity(used=Amounts(vcpus=90)))

    job_id = start(desk)
    deliver(desk)

    (step,) = desk.job_store.steps(job_id)
    assert (step.outcome, where(desk)) == (Outcome.LEFT, {"p0": "a"})
    assert "1 by capacity" in step.reason
    assert desk.kept.get(step.decision_id).selected is None
    assert desk.job_store.get(job_id).state is JobState.DONE


@pytest.mark.parametrize(
    ("rate", "batch", "pause"), [(1, 1, 60), (7, 1, 9), (60, 5, 5), (90, 7, 5), (600, 50, 5)]
)
def test_no_more_move_in_a_minute_than_the_rate_says(rate, batch, pause):
    desk = a_desk(60)

    start(desk, rate)
    first = desk.queue.messages.pop()
    desk.slices.run(first.job_id, first.turn)

    assert list(where(desk).values()).count("b") == batch
    assert desk.queue.messages[0].delay_seconds == pause
    assert batch * 60 / pause <= rate


def test_a_message_that_comes_twice_moves_no_second_batch():
    desk = a_desk(20)
    start(desk, 60)

    first = desk.queue.messages.pop()
    for _ in range(3):
        desk.slices.run(first.job_id, first.turn)

    assert list(where(desk).values()).count("b") == 5
    assert len(desk.queue.messages) == 1


class Rival(MemoryBindingStore):
    """A store in which other requests write between our reads and our writes, one at a time."""

    def __init__(self, *meanwhile):
        super().__init__()
        self.meanwhile = [*meanwhile]

    def commit(self, change, also=()):
        if also and self.meanwhile:
            self.meanwhile.pop()(self)
        return super().commit(change, also)


def test_a_project_that_moved_itself_meanwhile_is_skipped():
    def moves_itself(store):
        bound = store.get(key("p0"))
        store.commit(change_of(bound, bound.moved("far", NOW, "its own create"), request_id="req-9"))

    desk = a_desk(0, bindings=Rival(moves_itself))
    bind(desk, "p0")
    job_id = start(desk)
    deliver(desk)

    assert where(desk) == {"p0": "far"}
    assert outcomes(desk, job_id) == {"p0": "skipped"}


def written_again(store):
    """Somebody writes p0's binding, and leaves it where it is."""
    bound = store.get(key("p0"))
    store.commit(change_of(bound, bound.moved(bound.pod_id, NOW, "again"), request_id="req-9"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda bound: bound.moved("far", NOW, "by hand"),
            "somebody else wrote it meanwhile",
        ),
        (lambda bound: bound.ended(NOW, "gone"), "ended meanwhile"),
    ],
)
def test_why_a_binding_was_skipped_or_kept_is_told(change, told):
    def others_write(store):
        bound = store.get(key("p0"))
        store.commit(change_of(bound, change(bound), request_id="req-9"))

    def reason(desk, job_id):
        (step,) = desk.job_store.steps(job_id)
        return step.reason

    for when in ("drain", "undo"):
        desk = a_desk(0, bindings=Rival(*[others_write] * (when == "drain")))
        bind(desk, "p0")
        job_id = start(desk)
        deliver(desk)
        if when == "undo":
            others_write(desk.bindings)
            desk.jobs.undo(job_id, OPERATOR)
            deliver(desk)
        assert reason(desk, job_id).startswith(told), when


def test_a_binding_that_others_write_all_the_time_waits_for_the_next_slice():
    desk = a_desk(0, bindings=Rival(*[written_again] * 3))
    bind(desk, "p0")
    bind(desk, "p1")
    job_id = start(desk)
    first = desk.queue.messages.pop()

    desk.slices.run(first.job_id, first.turn)
    assert where(desk) == {"p0": "a", "p1": "b"}
    deliver(desk)
    assert (where(desk)["p0"], outcomes(desk, job_id)["p0"]) == ("b", "moved")


def test_an_undo_leaves_what_somebody_writes_at_the_same_moment():
    desk = a_desk(0, bindings=Rival())
    bind(desk, "p0")
    job_id = start(desk)
    deliver(desk)
    desk.bindings.meanwhile.append(written_again)

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert (where(desk), outcomes(desk, job_id)) == ({"p0": "b"}, {"p0": "kept"})


def test_a_stop_is_not_lost_to_a_slice_that_writes_first(monkeypatch):
    desk = a_desk(20)
    job_id, read = start(desk, 60), desk.job_store.get
    message = desk.queue.messages.pop()

    def read_and_then_a_slice_writes(job_id):
        job = read(job_id)
        if job.turn == message.turn:
            monkeypatch.undo()
            desk.slices.run(message.job_id, message.turn)
        return job

    monkeypatch.setattr(desk.job_store, "get", read_and_then_a_slice_writes)

    assert desk.jobs.stop(job_id, OPERATOR).state is JobState.STOPPED
    assert list(where(desk).values()).count("b") == 5


def test_a_stop_between_the_decision_and_its_write_keeps_the_binding():
    desk = a_desk(0, bindings=Rival(lambda store: desk.jobs.stop(job_id, OPERATOR)))
    bind(desk, "p0")
    job_id = start(desk)
    deliver(desk)

    assert where(desk) == {"p0": "a"}
    assert desk.job_store.get(job_id).state is JobState.STOPPED
    assert len(desk.bindings.history(key("p0"))) == 1


def test_a_slice_whose_job_was_stopped_decides_about_no_further_binding():
    desk = a_desk(0, bindings=Rival(lambda store: desk.jobs.stop(job_id, OPERATOR)))
    for project_id in ("p0", "p1", "p2"):
        bind(desk, project_id)
    job_id = start(desk)

    deliver(desk)

    assert len(desk.kept.list()) == 1
    assert set(where(desk).values()) == {"a"}


def test_an_undo_that_is_stopped_between_its_look_and_its_write_keeps_the_binding_and_is_no_failure():
    desk = a_desk(0, bindings=Rival())
    bind(desk, "p0")
    job_id = start(desk)
    deliver(desk)
    desk.bindings.meanwhile.append(lambda store: desk.jobs.stop(job_id, OPERATOR))

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)  # a slice that raises would be delivered again, five times

    assert (where(desk), outcomes(desk, job_id)) == ({"p0": "b"}, {"p0": "moved"})
    assert desk.job_store.get(job_id).state is JobState.STOPPED


def test_a_stopped_job_moves_nothing_until_it_is_resumed():
    desk = a_desk(8)
    job_id = start(desk, 60)
    first = desk.queue.messages.pop()
    desk.slices.run(first.job_id, first.turn)

    desk.jobs.stop(job_id, OPERATOR)
    deliver(desk)
    assert list(where(desk).values()).count("a") == 3

    desk.jobs.resume(job_id, OPERATOR)
    deliver(desk)
    assert set(where(desk).values()) == {"b"}
    assert desk.job_store.get(job_id).state is JobState.DONE


def test_a_job_of_a_pod_that_is_back_in_service_stops_itself_and_says_so():
    desk = a_desk(1)
    job_id = start(desk)
    desk.pods.set_state("a", PodState.ENABLED, OPERATOR)

    deliver(desk)

    job = desk.job_store.get(job_id)
    assert (job.state, job.note, where(desk)) == (
        JobState.STOPPED,
        "A is enabled: it drains no more",
        {"p0": "a"},
    )


def test_an_undo_brings_back_what_the_job_moved_and_the_pods_state():
    desk = a_desk(3)
    desk.pods.set_state("a", PodState.CORDONED, OPERATOR, "new switches")
    job_id = start(desk)
    deliver(desk)

    desk.jobs.undo(job_id, OPERATOR)
    put_back = desk.pod_store.get("a")
    assert (put_back.state, put_back.state_reason) == (PodState.CORDONED, "new switches")
    deliver(desk)

    assert set(where(desk).values()) == {"a"}
    assert set(outcomes(desk, job_id).values()) == {"returned"}
    assert desk.bindings.history(key("p0"))[-1].reason == f"undo of the drain of A, job {job_id}"
    with pytest.raises(Conflict):
        desk.jobs.undo(job_id, OPERATOR)


def test_an_undo_leaves_what_somebody_moved_since():
    desk = a_desk(2)
    job_id = start(desk)
    deliver(desk)
    bound = desk.bindings.get(key("p0"))
    there = bound.moved("far", NOW, "by hand")
    desk.bindings.commit(change_of(bound, there, request_id="req-7"))
    back = there.moved("b", NOW, "and back")
    desk.bindings.commit(change_of(there, back, request_id="req-8"))

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert where(desk) == {"p0": "b", "p1": "a"}
    assert outcomes(desk, job_id) == {"p0": "kept", "p1": "returned"}


def test_an_undo_leaves_a_state_that_somebody_changed_since():
    desk = a_desk(1)
    job_id = start(desk)
    deliver(desk)
    desk.pods.set_state("a", PodState.CORDONED, OPERATOR)

    desk.jobs.undo(job_id, OPERATOR)

    assert desk.pod_store.get("a").state is PodState.CORDONED


def test_an_undo_of_a_running_job_ends_its_moves():
    desk = a_desk(8)
    job_id = start(desk, 60)
    first = desk.queue.messages.pop()
    desk.slices.run(first.job_id, first.turn)

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert set(where(desk).values()) == {"a"}
    assert len(outcomes(desk, job_id)) == 5


def test_a_pod_has_one_running_job_at_a_time():
    desk = a_desk(1)
    job_id = start(desk)

    with pytest.raises(Conflict, match=job_id):
        start(desk)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("calls", range(1, 50))
def test_a_job_that_dies_at_any_step_is_finished_by_the_next_delivery_or_the_clock(calls, after):
    desk = a_desk(3)
    bind(desk, "stays", group="resource=none")
    job_id = start(desk, 30)  # two a slice
    killer = Killer(calls, after)
    killer.watch(desk.bindings, "get", "in_pod", "commit")
    killer.watch(desk.job_store, "get", "steps", "steps_about", "save_step", "update")
    killer.watch(desk.kept, "save", "list")
    killer.watch(desk.queue, "send")

    assert run_until_quiet(desk), "there are fewer steps to die at"

    killer.left = 0
    assert where(desk) == {"p0": "b", "p1": "b", "p2": "b", "stays": "a"}
    assert outcomes(desk, job_id) == {"p0": "moved", "p1": "moved", "p2": "moved", "stays": "left"}
    assert [len(desk.bindings.history(key(p))) for p in ("p0", "p1", "p2")] == [2, 2, 2]
    assert desk.job_store.get(job_id).state is JobState.DONE


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("calls", range(1, 27))
def test_an_undo_that_dies_at_any_step_is_finished_too(calls, after):
    desk = a_desk(3)
    job_id = start(desk, 30)
    deliver(desk)
    desk.jobs.undo(job_id, OPERATOR)
    killer = Killer(calls, after)
    killer.watch(desk.bindings, "get", "in_pod", "commit")
    killer.watch(desk.job_store, "get", "steps", "steps_about", "save_step", "update")
    killer.watch(desk.queue, "send")

    assert run_until_quiet(desk), "there are fewer steps to die at"

    killer.left = 0
    assert set(where(desk).values()) == {"a"}
    assert set(outcomes(desk, job_id).values()) == {"returned"}
    assert [len(desk.bindings.history(key(p))) for p in ("p0", "p1", "p2")] == [3, 3, 3]
    assert desk.job_store.get(job_id).state is JobState.DONE


def run_until_quiet(desk):
    """Deliver, a failed message twice more, and let the clock look after what was lost."""
    died = False
    for _ in range(30):
        while desk.queue.messages:
            message = desk.queue.messages.pop(0)
            for _ in range(3):
                try:
                    desk.slices.run(message.job_id, message.turn)
                except Died:
                    died = True
        desk.clock.passes(200)
        try:
            desk.slices.wake()
        except Died:
            died = True
    return died


def test_the_clock_wakes_only_a_job_that_is_long_overdue():
    desk = a_desk(1)
    job_id = start(desk)
    desk.queue.messages.clear()

    desk.clock.passes(60)
    assert desk.slices.wake() == []
    desk.clock.passes(1)
    assert [job.job_id for job in desk.slices.wake()] == [job_id]
    deliver(desk)
    assert where(desk) == {"p0": "b"}
    desk.clock.passes(3600)
    assert desk.slices.wake() == []


def test_a_message_for_no_job_does_nothing():
    a_desk(1).slices.run("gone", 1)


class Twin(MemoryBindingStore):
    """A store in which the same message is handled a second time before our first write."""

    twins = ()

    def commit(self, change, also=()):
        if also and self.twins:
            self.twins.pop()()
        return super().commit(change, also)


def deliver_twice_at_once(desk):
    message = desk.queue.messages[0]
    desk.bindings.twins = [lambda: desk.slices.run(message.job_id, message.turn)]
    deliver(desk)
    assert desk.bindings.twins == []


def test_a_message_that_is_handled_twice_at_once_tells_what_happened_and_can_be_undone():
    desk = a_desk(3, bindings=Twin())
    job_id = start(desk)
    deliver_twice_at_once(desk)
    assert set(where(desk).values()) == {"b"}
    assert set(outcomes(desk, job_id).values()) == {"moved"}

    desk.jobs.undo(job_id, OPERATOR)
    deliver_twice_at_once(desk)

    assert set(where(desk).values()) == {"a"}
    assert set(outcomes(desk, job_id).values()) == {"returned"}
    assert len(desk.bindings.history(key("p0"))) == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"state": PodState.DISABLED}, "A is disabled"), ({"az_name": "az9"}, "A is no longer in az1")],
)
def test_an_undo_leaves_what_can_not_go_back(changes, reason):
    desk = a_desk(2)
    job_id = start(desk)
    deliver(desk)
    before = desk.pods.get("a")
    desk.pods.update(before, before.generation, changes, OPERATOR)

    desk.jobs.undo(job_id, OPERATOR)
    deliver(desk)

    assert set(where(desk).values()) == {"b"}
    assert {step.reason for step in desk.job_store.steps(job_id)} == {reason}
    assert set(outcomes(desk, job_id).values()) == {"kept"}
    assert desk.job_store.get(job_id).state is JobState.DONE


def test_a_disabled_pod_is_drained_too_and_stays_disabled():
    desk = a_desk(1)
    desk.pods.update(desk.pods.get("a"), 1, {"state": PodState.DISABLED}, OPERATOR)

    start(desk)
    deliver(desk)

    assert where(desk) == {"p0": "b"}
    assert desk.pod_store.get("a").state is PodState.DISABLED


def test_of_two_drains_that_start_at_once_one_at_most_runs(monkeypatch):
    desk = a_desk(20)
    create, rivals = desk.job_store.create, ["one"]

    def create_after_a_rival(job):
        if rivals:
            rivals.pop()
            start(desk, 60)
        create(job)

    monkeypatch.setattr(desk.job_store, "create", create_after_a_rival)

    with pytest.raises(Conflict, match="draining it already"):
        start(desk, 60)

    states = [job.state for job in desk.jobs.list()]
    assert sorted(states) == [JobState.RUNNING, JobState.STOPPED]
    (stopped,) = desk.jobs.list(state=JobState.STOPPED)
    assert (stopped.note, stopped.events) == ("another job of the pod runs", ()), "nobody stopped it"
    deliver(desk)
    assert set(where(desk).values()) == {"b"}


def test_a_start_that_died_before_the_pod_was_closed_is_told_and_remembers_the_pods_state(monkeypatch):
    desk = a_desk(1)
    with monkeypatch.context() as broken:
        broken.setattr(desk.pod_store, "update", Killer(1, after=False).watched(desk.pod_store.update))
        with pytest.raises(Died):
            start(desk)
    desk.clock.passes(100)
    desk.slices.wake()
    deliver(desk)

    (job,) = desk.jobs.list()
    assert (job.state, job.note) == (JobState.STOPPED, "A is enabled: it drains no more")
    desk.jobs.resume(job.job_id, OPERATOR)
    deliver(desk)
    desk.jobs.undo(job.job_id, OPERATOR)
    assert desk.pod_store.get("a").state is PodState.ENABLED


def test_a_job_whose_pod_is_gone_stops_and_says_so():
    desk = a_desk(0)
    job_id = start(desk)
    desk.pod_store.delete(desk.pod_store.get("a"))

    deliver(desk)

    assert (desk.job_store.get(job_id).state, desk.job_store.get(job_id).note) == (
        JobState.STOPPED,
        "A is no more",
    )


def test_a_pod_whose_job_runs_is_not_deleted():
    desk = a_desk(0)
    start(desk)

    with pytest.raises(Conflict, match="1 job running"):
        desk.pods.delete("a", OPERATOR)
