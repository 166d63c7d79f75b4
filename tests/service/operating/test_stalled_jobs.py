"""Jobs that were stopped or got stuck: what went wrong is told, and an operator may let them go on."""

from datetime import timedelta

import pytest

from chalicelib.model.errors import Conflict, StoreBusy
from chalicelib.model.job import LEASE_SECONDS, OVERDUE_SECONDS, JobAction, JobState
from chalicelib.model.pod import PodState
from tests.service.desk import OPERATOR
from tests.service.operating.drained import a_desk, deliver, start, where


def test_what_goes_wrong_in_a_slice_is_told_in_the_job_until_one_succeeds(monkeypatch):
    desk = a_desk(1)
    job_id = start(desk)
    with monkeypatch.context() as broken:
        broken.setattr(desk.kept, "save", fails)
        message = desk.queue.messages[0]
        with pytest.raises(StoreBusy):
            desk.slices.run(job_id, message.turn)
    assert desk.job_store.get(job_id).note == "a slice failed: StoreBusy: throttled"

    desk.clock.passes(LEASE_SECONDS)
    deliver(desk)
    assert (desk.job_store.get(job_id).note, where(desk)) == ("", {"p0": "b"})


def fails(*_):
    raise StoreBusy("throttled")


def test_a_job_whose_message_is_lost_is_stalled_and_can_be_run_again():
    desk = a_desk(1)
    job_id = start(desk)
    lost = desk.queue.messages.pop()
    assert not desk.job_store.get(job_id).is_stalled(desk.clock.now)

    desk.clock.passes(OVERDUE_SECONDS + 1)
    assert desk.job_store.get(job_id).is_stalled(desk.clock.now)
    desk.jobs.resume(job_id, OPERATOR, "the queue was down")
    desk.slices.run(job_id, lost.turn)  # the lost one comes after all, and is void
    assert where(desk) == {"p0": "a"}
    deliver(desk)

    job = desk.job_store.get(job_id)
    assert (where(desk), job.state, job.is_stalled(desk.clock.now)) == ({"p0": "b"}, JobState.DONE, False)
    assert [event.deed.reason for event in job.events] == ["the queue was down"]


def test_a_job_whose_slice_begins_again_and_again_is_stalled_though_it_shows_signs_of_life(monkeypatch):
    desk = a_desk(1)
    job_id = start(desk)
    message = desk.queue.messages[0]
    monkeypatch.setattr(desk.kept, "save", fails)

    seen = []
    for _ in range(4):
        with pytest.raises(StoreBusy):
            desk.slices.run(job_id, message.turn)
        seen.append(desk.job_store.get(job_id).is_stalled(desk.clock.now))
        desk.clock.passes(LEASE_SECONDS)

    assert seen == [False, False, False, True]


@pytest.mark.parametrize("begun", [False, True])
def test_a_job_that_runs_is_not_run_again(begun):
    desk = a_desk(1)
    job_id = start(desk)
    if begun:
        job = desk.job_store.get(job_id)
        desk.clock.passes(OVERDUE_SECONDS + 1)
        desk.job_store.update(job.begun(desk.clock.now - timedelta(seconds=1)))

    with pytest.raises(Conflict, match="only a stopped or stalled one can be resumed"):
        desk.jobs.resume(job_id, OPERATOR)
    assert desk.slices.wake() == []


def test_a_resume_is_told_in_the_job_and_at_the_pod_it_closes_again():
    desk = a_desk(1)
    job_id = start(desk)
    desk.jobs.stop(job_id, OPERATOR)
    desk.pods.set_state("a", PodState.ENABLED, OPERATOR)
    desk.clock.passes(60)

    desk.jobs.resume(job_id, OPERATOR, "the new racks are here")

    event = desk.job_store.get(job_id).events[-1]
    assert (event.action, event.deed.at, event.deed.user_id) == (JobAction.RESUMED, desk.clock.now, "op-1")
    pod = desk.pod_store.get("a")
    assert (pod.state, pod.state_reason) == (PodState.DRAINING, f"job {job_id}: the new racks are here")


def test_a_stopped_undo_that_is_resumed_goes_on_undoing_and_closes_nothing():
    desk = a_desk(8)
    job_id = start(desk)
    deliver(desk)
    desk.jobs.undo(job_id, OPERATOR)
    desk.jobs.stop(job_id, OPERATOR)
    desk.queue.messages.clear()

    assert desk.jobs.progress(job_id).remaining == 8
    desk.jobs.resume(job_id, OPERATOR)
    assert desk.pod_store.get("a").state is PodState.ENABLED
    deliver(desk)

    assert set(where(desk).values()) == {"a"}
    assert desk.job_store.get(job_id).undoing


def test_a_job_is_not_resumed_while_another_of_its_pod_runs_but_while_one_of_another_pod_does():
    desk = a_desk(1)
    stopped = start(desk)
    desk.jobs.stop(stopped, OPERATOR)
    elsewhere = desk.jobs.start("b", 60, OPERATOR)
    rival, before = start(desk), desk.job_store.get(stopped)

    with pytest.raises(Conflict, match=f"job {rival} is draining it already"):
        desk.jobs.resume(stopped, OPERATOR)
    assert desk.job_store.get(stopped) == before
    desk.jobs.stop(rival, OPERATOR)
    assert desk.jobs.resume(stopped, OPERATOR).state is JobState.RUNNING
    assert desk.job_store.get(elsewhere.job_id).state is JobState.RUNNING
