"""What a slice says of what went wrong, and what it leaves alone."""

import pytest

from chalicelib.adapters.memory.job_queue import Message
from chalicelib.model.errors import GenerationConflict, NotFound, StoreBusy
from chalicelib.model.job import LEASE_SECONDS, JobState
from chalicelib.model.pod import PodState
from tests.service.desk import OPERATOR
from tests.service.operating.drained import a_desk, deliver, start, where


def fails_with(error):
    def fail(*_):
        raise error

    return fail


@pytest.mark.parametrize("letters", [100, 300])
def test_an_error_is_told_in_the_job_by_its_kind_and_its_first_words(letters):
    desk = a_desk(1)
    job_id = start(desk)
    desk.kept.save = fails_with(RuntimeError("x" * letters))

    with pytest.raises(RuntimeError):
        desk.slices.run(job_id, 1)

    told = f"RuntimeError: {'x' * letters}"
    job = desk.job_store.get(job_id)
    assert job.note == f"a slice failed: {told[:200]}"
    assert (job.state, job.turn, job.tries, job.is_leased(desk.clock.now)) == (JobState.RUNNING, 1, 1, True)
    assert desk.queue.messages == [Message(job_id, 1, 0)], "only the queue delivers it again"


def test_an_error_that_can_not_be_noted_is_raised_all_the_same():
    desk = a_desk(1)
    job_id = start(desk)
    update = desk.job_store.update

    def fails():
        desk.job_store.update = fails_with(StoreBusy("throttled"))
        raise RuntimeError("no")

    desk.kept.save = lambda decision: fails()

    with pytest.raises(RuntimeError, match="no"):
        desk.slices.run(job_id, 1)
    desk.job_store.update = update
    assert desk.job_store.get(job_id).note == ""


def test_a_message_while_the_slice_is_at_work_does_nothing():
    desk = a_desk(1)
    job_id = start(desk)
    begun = desk.job_store.update(desk.job_store.get(job_id).begun(desk.clock.now))

    desk.clock.passes(LEASE_SECONDS - 1)
    desk.slices.run(job_id, 1)
    assert (desk.job_store.get(job_id), where(desk)) == (begun, {"p0": "a"})
    desk.clock.passes(1)
    desk.slices.run(job_id, 1)
    assert where(desk) == {"p0": "b"}


@pytest.mark.parametrize("turn", [0, 2])
def test_a_message_for_another_turn_does_nothing(turn):
    desk = a_desk(1)
    job_id = start(desk)
    before = desk.job_store.get(job_id)

    desk.slices.run(job_id, turn)

    assert (desk.job_store.get(job_id), where(desk)) == (before, {"p0": "a"})
    assert len(desk.queue.messages) == 1


def test_a_message_for_a_stopped_job_does_nothing_though_the_turn_is_its_own():
    desk = a_desk(1)
    job_id = start(desk)
    stopped = desk.jobs.stop(job_id, OPERATOR)

    desk.slices.run(job_id, stopped.turn)

    assert (desk.job_store.get(job_id), where(desk)) == (stopped, {"p0": "a"})


def test_a_slice_that_is_overtaken_sends_nothing():
    desk = a_desk(1)
    job_id = start(desk)
    desk.queue.messages.clear()
    desk.bindings.commit = fails_with(GenerationConflict("the job was written"))

    desk.slices.run(job_id, 1)

    assert desk.queue.messages == []
    assert desk.job_store.get(job_id).note == ""


@pytest.mark.parametrize("undone", [False, True])
def test_a_job_whose_pod_is_gone_is_stopped_at_that_moment(undone):
    desk = a_desk(1)
    job_id = start(desk)
    if undone:
        deliver(desk)
        desk.jobs.undo(job_id, OPERATOR)
    turn = desk.job_store.get(job_id).turn
    desk.pod_store.delete(desk.pod_store.get("a"))
    desk.clock.passes(7)

    desk.slices.run(job_id, turn)

    job = desk.job_store.get(job_id)
    assert (job.state, job.note, job.updated_at) == (JobState.STOPPED, "A is no more", desk.clock.now)
    with pytest.raises(NotFound):
        desk.pods.get("a")


@pytest.mark.parametrize("state", [PodState.ENABLED, PodState.CORDONED])
def test_a_pod_that_is_not_leaving_any_more_stops_its_job_at_that_moment(state):
    desk = a_desk(1)
    job_id = start(desk)
    desk.pods.set_state("a", state, OPERATOR)
    desk.clock.passes(7)

    desk.slices.run(job_id, 1)

    job = desk.job_store.get(job_id)
    assert (job.state, job.note) == (JobState.STOPPED, f"A is {state}: it drains no more")
    assert (job.updated_at, job.turn, where(desk)) == (desk.clock.now, 2, {"p0": "a"})


def test_a_lost_message_is_sent_again_at_once_for_the_same_turn():
    desk = a_desk(1)
    job_id = start(desk)
    desk.jobs.start("b", 60, OPERATOR)
    desk.queue.messages.clear()
    job = desk.job_store.get(job_id)
    desk.clock.passes(61)
    desk.jobs.stop(desk.jobs.list("b")[0].job_id, OPERATOR)

    assert list(desk.slices.wake()) == [job]
    assert desk.queue.messages == [Message(job_id, 1, 0)]
