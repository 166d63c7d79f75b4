"""What is written of a job that an operator stops, resumes or undoes, and of the moves back."""

from dataclasses import replace

import pytest

from chalicelib.adapters.memory.job_queue import Message
from chalicelib.model.binding import BindingAction, BindingEvent
from chalicelib.model.deed import Deed
from chalicelib.model.job import JobAction, JobEvent, JobState, Outcome, Step
from chalicelib.model.pod import PodState
from tests.builders import NOW
from tests.service.desk import OPERATOR
from tests.service.operating.drained import deliver, key, where
from tests.service.operating.test_jobs_told import CALLER, JOB, run_one, started


def by(at=NOW, reason=""):
    return Deed(at, "op-1", "req-2", reason)


@pytest.mark.parametrize("reason", ["", "lunch"])
def test_a_stop_is_written_with_who_when_and_why(reason):
    desk, _ = started()
    desk.clock.passes(60)
    at = desk.clock.now

    stopped = desk.jobs.stop("id-1", CALLER, reason)

    event = JobEvent(JobAction.STOPPED, by(at, reason))
    assert stopped == replace(
        JOB,
        state=JobState.STOPPED,
        turn=2,
        generation=2,
        updated_at=at,
        note=reason or "stopped by an operator",
        events=(event,),
    )
    assert desk.job_store.get("id-1") == stopped
    assert desk.jobs.stop("id-1", CALLER, "again") == stopped, "it was stopped already"


def test_a_stop_needs_no_reason():
    desk, _ = started()

    assert desk.jobs.stop("id-1", CALLER).events == (JobEvent(JobAction.STOPPED, by()),)


def test_a_resumed_job_begins_anew_at_once():
    desk, _ = started()
    run_one(desk)
    desk.jobs.stop("id-1", OPERATOR)
    desk.queue.messages.clear()
    before = desk.job_store.get("id-1")
    desk.clock.passes(60)
    at = desk.clock.now

    resumed = desk.jobs.resume("id-1", CALLER)

    assert resumed == replace(
        before,
        state=JobState.RUNNING,
        note="",
        marker="",
        clean=True,
        turn=before.turn + 1,
        generation=before.generation + 1,
        updated_at=at,
        next_at=at,
        events=(*before.events, JobEvent(JobAction.RESUMED, by(at))),
    )
    assert desk.queue.messages == [Message("id-1", resumed.turn, 0)]


@pytest.mark.parametrize("reason", ["", "too early"])
def test_an_undo_is_written_with_who_when_and_why_and_tells_the_pod(reason):
    desk, _ = started(1)
    deliver(desk)
    before = desk.job_store.get("id-1")
    desk.clock.passes(60)
    at = desk.clock.now

    undone = desk.jobs.undo("id-1", CALLER, reason) if reason else desk.jobs.undo("id-1", CALLER)

    assert undone == replace(
        before,
        state=JobState.RUNNING,
        undoing=True,
        turn=before.turn + 1,
        generation=before.generation + 1,
        updated_at=at,
        next_at=at,
        events=(JobEvent(JobAction.UNDONE, by(at, reason)),),
    )
    assert desk.queue.messages == [Message("id-1", undone.turn, 0)]
    told = "undo of job id-1" + (": too early" if reason else "")
    assert desk.pods.history("a")[-1].deed == by(at, told)
    assert (desk.pods.get("a").state, desk.pods.get("a").state_reason) == (PodState.ENABLED, "")


def test_a_move_back_is_written_as_a_step_and_as_an_event_of_who_undid_the_job():
    desk, _ = started(1)
    deliver(desk)
    desk.jobs.undo("id-1", CALLER)
    at = desk.clock.now

    run_one(desk)

    assert list(desk.job_store.steps("id-1")) == [Step(key("p0"), Outcome.RETURNED, 3, at, "a")]
    assert desk.bindings.history(key("p0"))[-1] == BindingEvent(
        key("p0"),
        3,
        BindingAction.UPDATED,
        "a",
        "b",
        "undo of the drain of A, job id-1",
        "",
        "req-2",
        "op-1",
        at,
    )
    job = desk.job_store.get("id-1")
    assert (job.state, job.updated_at, desk.queue.messages) == (JobState.DONE, at, [])


def test_an_undo_goes_on_in_slices_behind_the_last_step_that_it_saw():
    desk, _ = started(8)
    deliver(desk)
    desk.jobs.undo("id-1", CALLER)

    run_one(desk)

    job = desk.job_store.get("id-1")
    assert (job.state, job.marker, job.clean, job.undoing) == (
        JobState.RUNNING,
        key("p4").binding_id,
        True,
        True,
    )
    assert desk.queue.messages == [Message("id-1", job.turn, 5)]
    assert sorted(project for project, pod_id in where(desk).items() if pod_id == "a") == [
        "p0",
        "p1",
        "p2",
        "p3",
        "p4",
    ]
