"""What every job store does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.binding import BindingKey, change_of
from chalicelib.model.deed import Deed
from chalicelib.model.errors import BindingConflict, GenerationConflict, NotFound
from chalicelib.model.job import JobAction, JobEvent, JobState, Outcome, Step
from tests.builders import NOW, PROJECT, a_binding, a_job

STEP = Step(BindingKey(PROJECT, "az:1", "a=b,c"), Outcome.MOVED, 2, NOW, "pod-b", "room", "decision-1")


def test_a_job_is_read_as_it_was_written(stores):
    deeds = Deed(NOW, "op-2", "req-2", "lunch"), Deed(NOW + timedelta(minutes=1), "op-3", "req-3")
    job = a_job(
        state=JobState.STOPPED,
        undoing=True,
        turn=7,
        note="why",
        leased_until=NOW + timedelta(minutes=2),
        tries=2,
        marker="p1:az1:general",
        clean=False,
        user_id="op",
        request_id="req-1",
        events=(JobEvent(JobAction.STOPPED, deeds[0]), JobEvent(JobAction.UNDONE, deeds[1])),
    )
    stores.jobs.create(job)

    assert stores.jobs.get(job.job_id) == job


def test_an_unknown_job_is_not_found_and_has_no_steps(stores):
    with pytest.raises(NotFound):
        stores.jobs.get("gone")
    assert stores.jobs.steps("gone") == []


def test_jobs_are_listed_newest_first(stores):
    for days, job_id in ((2, "old"), (0, "new"), (1, "middle")):
        stores.jobs.create(a_job(job_id, created_at=NOW - timedelta(days=days)))

    assert [job.job_id for job in stores.jobs.list()] == ["new", "middle", "old"]


def test_an_update_counts_on_and_one_of_an_older_generation_is_refused(stores):
    job = a_job()
    stores.jobs.create(job)

    after = stores.jobs.update(replace(job, turn=2))
    assert (after.generation, stores.jobs.get(job.job_id)) == (2, after)
    with pytest.raises(GenerationConflict):
        stores.jobs.update(replace(job, turn=3))
    assert stores.jobs.get(job.job_id) == after


def test_the_last_step_of_each_binding_is_kept_in_their_order(stores):
    job = a_job()
    stores.jobs.create(job)
    other = replace(STEP, key=BindingKey("1", "az1", "general"), outcome=Outcome.LEFT, decision_id="")

    returned = replace(STEP, outcome=Outcome.RETURNED, generation=3)
    for step in (STEP, other, returned):
        stores.jobs.save_step(job, step)
    assert stores.jobs.steps(job.job_id) == [other, returned]
    assert stores.jobs.steps("another") == []


def test_steps_come_in_pages_and_by_their_bindings(stores):
    job = a_job()
    stores.jobs.create(job)
    steps = [replace(STEP, key=BindingKey(f"p{n}", "az:1", "a=b,c")) for n in range(5)]
    for step in reversed(steps):
        stores.jobs.save_step(job, step)

    assert stores.jobs.steps(job.job_id, limit=2) == steps[:2]
    assert stores.jobs.steps(job.job_id, steps[1].key.binding_id, 2) == steps[2:4]
    assert stores.jobs.steps(job.job_id, steps[4].key.binding_id) == []
    asked = [steps[3].key, BindingKey("unknown", "az1", "general"), steps[0].key]
    assert {step.key for step in stores.jobs.steps_about(job.job_id, asked)} == {steps[0].key, steps[3].key}
    assert stores.jobs.steps_about("another", asked) == []


@pytest.mark.parametrize(
    ("first", "second", "replaced"),
    [
        (
            (Outcome.MOVED, 2),
            (Outcome.SKIPPED, 2),
            False,
        ),  # a second run of the slice took the first one's move for somebody else's
        ((Outcome.MOVED, 2), (Outcome.SKIPPED, 3), True),
        ((Outcome.RETURNED, 3), (Outcome.KEPT, 3), False),
        ((Outcome.MOVED, 2), (Outcome.KEPT, 2), True),  # it can't be moved back, and nobody wrote it since
        ((Outcome.MOVED, 2), (Outcome.KEPT, 3), True),
        ((Outcome.LEFT, 2), (Outcome.MOVED, 2), False),
        ((Outcome.LEFT, 1), (Outcome.MOVED, 2), True),
        ((Outcome.MOVED, 2), (Outcome.MOVED, 1), False),
    ],
)
def test_a_step_never_goes_back_behind_what_a_twin_has_kept(stores, first, second, replaced):
    job = a_job()
    stores.jobs.create(job)
    for outcome, generation in (first, second):
        stores.jobs.save_step(job, replace(STEP, outcome=outcome, generation=generation))

    (kept,) = stores.jobs.steps(job.job_id)
    assert (kept.outcome, kept.generation) == (second if replaced else first)


def test_no_step_is_kept_in_the_name_of_a_job_that_was_written_since(stores):
    job = a_job()
    stores.jobs.create(job)
    stores.jobs.update(job)

    with pytest.raises(GenerationConflict):
        stores.jobs.save_step(job, STEP)
    assert stores.jobs.steps(job.job_id) == []


def test_a_step_is_written_with_its_binding_or_neither_is(stores):
    job = a_job()
    stores.jobs.create(job)
    bound = a_binding("pod-a")
    stores.bindings.commit(change_of(None, bound))
    moved = bound.moved("pod-b", NOW, "drain")
    change, step = change_of(bound, moved, request_id="req-1"), replace(STEP, key=bound.key)

    stores.jobs.update(job)
    with pytest.raises(BindingConflict) as lost:
        stores.bindings.commit(change, [stores.jobs.step_write(job, step)])
    assert lost.value.winner == stores.bindings.get(bound.key) == bound
    assert (len(stores.bindings.history(bound.key)), stores.jobs.steps(job.job_id)) == (1, [])

    stores.bindings.commit(change, [stores.jobs.step_write(stores.jobs.get(job.job_id), step)])
    assert (stores.bindings.get(bound.key), stores.jobs.steps(job.job_id)) == (moved, [step])


def test_a_step_isnt_kept_when_its_binding_was_written_since(stores):
    job = a_job()
    stores.jobs.create(job)
    bound = a_binding("pod-a")
    stores.bindings.commit(change_of(None, bound))
    stores.bindings.commit(change_of(bound, bound.moved("pod-c", NOW, "by hand"), request_id="req-2"))

    change = change_of(bound, bound.moved("pod-b", NOW, "drain"), request_id="req-1")
    with pytest.raises(BindingConflict):
        stores.bindings.commit(change, [stores.jobs.step_write(job, STEP)])
    assert stores.jobs.steps(job.job_id) == []
