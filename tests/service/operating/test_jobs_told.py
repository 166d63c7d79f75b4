"""What is written of a job at each of its stages, whole: an operator reads it, and a slice goes by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.job_queue import Message
from chalicelib.model.binding import BindingAction, BindingEvent, BindingKey
from chalicelib.model.deed import Deed
from chalicelib.model.errors import NotFound, Unavailable
from chalicelib.model.job import Job, JobState, Outcome, Step
from chalicelib.model.pod import PodState
from chalicelib.model.pod_event import Change
from tests.builders import NOW
from tests.service.desk import OPERATOR
from tests.service.operating.drained import a_desk, bind, key, start

SECOND = timedelta(seconds=1)
CALLER = replace(OPERATOR, request_id="req-2")
JOB = Job(
    "id-1",
    "a",
    "A",
    60,
    PodState.ENABLED,
    NOW,
    NOW,
    NOW,
    user_id="op-1",
    request_id="req-1",
    reason="new racks",
)


def started(projects=8):
    desk = a_desk(projects)
    job = desk.jobs.start("a", 60, OPERATOR, "new racks")
    return desk, job


def run_one(desk):
    message = desk.queue.messages.pop(0)
    desk.clock.passes(message.delay_seconds)
    desk.slices.run(message.job_id, message.turn)


def test_a_started_job_is_written_with_who_when_and_why_and_sent_at_once():
    desk, job = started()

    assert job == JOB
    assert desk.job_store.get("id-1") == JOB
    assert desk.queue.messages == [Message("id-1", 1, 0)]
    event = desk.pods.history("a")[-1]
    assert (event.changes, event.deed) == (
        {"state": Change("enabled", "draining")},
        Deed(NOW, "op-1", "req-1", "job id-1: new racks"),
    )
    assert desk.pods.get("a").state_reason == "job id-1: new racks"


def test_a_job_remembers_the_state_from_before_with_its_reason():
    desk = a_desk(1)
    desk.pods.set_state("a", PodState.CORDONED, OPERATOR, "new switches")

    job = desk.jobs.start("a", 60, OPERATOR)

    assert (job.previous_state, job.previous_reason, job.reason) == (PodState.CORDONED, "new switches", "")
    assert desk.pods.get("a").state_reason == "job id-1"


def test_a_job_whose_pod_is_none_is_not_written():
    desk = a_desk(1)

    with pytest.raises(NotFound):
        desk.jobs.start("nowhere", 60, OPERATOR)
    assert desk.jobs.list() == []


def test_a_job_that_cannot_be_sent_is_written_and_says_so():
    desk = a_desk(1)

    def refuse(*_):
        raise Unavailable("SQS is silent")

    desk.queue.send = refuse

    with pytest.raises(Unavailable) as unsent:
        desk.jobs.start("a", 60, OPERATOR)
    assert str(unsent.value) == (
        "Job id-1 is written and will begin by itself within some minutes: don't order it again "
        "(SQS is silent)."
    )
    assert desk.job_store.get("id-1").state is JobState.RUNNING


def test_a_slice_writes_how_far_it_came_and_when_the_next_is_due():
    desk, _ = started()
    desk.clock.passes(3)
    at = desk.clock.now

    run_one(desk)

    after = replace(
        JOB,
        updated_at=at,
        next_at=at + 5 * SECOND,
        turn=2,
        generation=3,
        marker=key("p4").binding_id,
        clean=False,
    )
    assert desk.job_store.get("id-1") == after
    assert desk.queue.messages == [Message("id-1", 2, 5)]
    run_one(desk)
    at += 5 * SECOND
    looked = replace(after, updated_at=at, next_at=at + 5 * SECOND, turn=3, generation=5)
    assert desk.job_store.get("id-1") == replace(looked, marker="", clean=True)
    run_one(desk)
    at += 5 * SECOND
    done = replace(looked, updated_at=at, next_at=at, turn=4, generation=7, marker="", clean=True)
    assert desk.job_store.get("id-1") == replace(done, state=JobState.DONE)
    assert desk.queue.messages == []


def test_while_a_slice_works_the_job_is_leased_to_it():
    desk, _ = started(1)
    seen, save = [], desk.kept.save

    def look(decision):
        seen.append(desk.job_store.get("id-1"))
        save(decision)

    desk.kept.save = look
    run_one(desk)

    leased = {"leased_until": NOW + 60 * SECOND, "tries": 1, "generation": 2}
    assert seen == [replace(JOB, **leased)]


def test_a_move_is_written_as_a_step_and_as_an_event_that_name_its_decision():
    desk, _ = started(1)

    run_one(desk)

    (decision,) = desk.kept.list()
    assert list(desk.job_store.steps("id-1")) == [
        Step(key("p0"), Outcome.MOVED, 2, NOW, "b", "", decision.decision_id)
    ]
    assert desk.bindings.history(key("p0"))[-1] == BindingEvent(
        key("p0"),
        2,
        BindingAction.UPDATED,
        "b",
        "a",
        "drain of A, job id-1",
        decision.decision_id,
        "req-1",
        "op-1",
        NOW,
    )
    assert decision.spec.request_id == "req-1"
    assert (decision.spec.az_name, decision.spec.requested_at) == ("az1", NOW)
    assert desk.bindings.get(key("p0")).updated_at == NOW


def test_what_fits_nowhere_is_written_with_its_decision_and_why():
    desk = a_desk(0)
    bind(desk, "p0", group="resource=none")
    start(desk)

    run_one(desk)

    (step,), (decision,) = desk.job_store.steps("id-1"), desk.kept.list()
    why = "No room in availability zone az1 for this request now. Pods rejected: 1 by resource_affinity."
    where_it_is = BindingKey("p0", "az1", "resource=none")
    assert step == Step(where_it_is, Outcome.LEFT, 1, NOW, "", why, decision.decision_id)
