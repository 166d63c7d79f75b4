"""What operators see of jobs, and what a job in its state can not do."""

import pytest

from chalicelib.model.errors import Conflict, NotFound
from chalicelib.model.job import JobState, Outcome
from chalicelib.model.page import Page
from chalicelib.model.pod import PodState
from chalicelib.service.operating import jobs, pending
from chalicelib.service.operating.jobs import Progress
from tests.service.desk import OPERATOR
from tests.service.operating.drained import bind, deliver, key
from tests.service.operating.test_jobs_told import CALLER, JOB, run_one, started


def test_progress_tells_the_job_its_steps_and_what_is_left():
    desk, _ = started(8)
    assert desk.jobs.progress("id-1") == Progress(JOB, [], 8, all_counted=True)

    run_one(desk)

    job, steps = desk.job_store.get("id-1"), desk.job_store.steps("id-1")
    assert desk.jobs.progress("id-1") == Progress(job, steps, 3, all_counted=True)
    assert len(steps) == 5
    deliver(desk)
    desk.jobs.undo("id-1", CALLER)
    assert desk.jobs.progress("id-1").remaining == 8
    with pytest.raises(NotFound):
        desk.jobs.progress("id-2")


def test_progress_counts_from_the_first_binding_on_wherever_the_job_looks_now():
    desk, _ = started(0)
    for project_id in ("A0", "p1", "p2", "p3", "p4", "p5"):
        bind(desk, project_id)
    run_one(desk)
    assert (desk.job_store.get("id-1").marker, desk.jobs.progress("id-1").remaining) == (
        key("p4").binding_id,
        1,
    )
    desk.jobs.stop("id-1", OPERATOR)
    desk.pods.set_state("a", PodState.ENABLED, OPERATOR)
    desk.rebinding.rebind(key("A0"), "a", "by hand", OPERATOR)

    assert desk.jobs.progress("id-1").remaining == 2
    desk.rebinding.rebind(key("A0"), "b", "and back", OPERATOR)
    desk.jobs.undo("id-1", OPERATOR)
    assert desk.jobs.progress("id-1").remaining == 5


def test_progress_counts_beyond_what_one_slice_would_read(monkeypatch):
    for module in (jobs, pending):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "MOST_COUNTED", 60)
    desk, _ = started(25)

    assert desk.jobs.progress("id-1").remaining == 25


def test_a_full_page_of_steps_reads_no_further(monkeypatch):
    desk, _ = started(5)
    run_one(desk)
    asked, steps = [], desk.job_store.steps
    monkeypatch.setattr(desk.job_store, "steps", lambda *of: asked.append(of) or steps(*of))

    assert len(desk.jobs.steps("id-1", Outcome.MOVED, Page(limit=5))) == 5
    assert asked == [("id-1", "")]
    assert len(desk.jobs.steps("id-1", None, Page(limit=2, marker=key("p1").binding_id))) == 2
    assert asked[1:] == [("id-1", key("p1").binding_id)]
    assert len(desk.jobs.steps("id-1", None, Page(limit=6))) == 5


def test_a_second_job_of_a_pod_is_refused_in_words_that_name_the_first():
    desk, _ = started(1)
    with pytest.raises(Conflict, match=r"^job id-1 is draining it already: stop it first$"):
        desk.jobs.start("a", 60, OPERATOR)
    desk.jobs.undo("id-1", CALLER)
    with pytest.raises(Conflict, match=r"^job id-1 is undoing its drain already: stop it first$"):
        desk.jobs.start("a", 60, OPERATOR)
    assert len(desk.jobs.list()) == 1


def test_a_job_is_not_undone_while_another_of_its_pod_runs_but_while_one_of_another_pod_does():
    desk, _ = started(1)
    deliver(desk)
    rival, before = desk.jobs.start("a", 60, OPERATOR), desk.job_store.get("id-1")
    desk.jobs.start("b", 60, OPERATOR)

    with pytest.raises(Conflict, match=f"job {rival.job_id} is draining it already"):
        desk.jobs.undo("id-1", CALLER)
    assert (desk.job_store.get("id-1"), desk.pods.get("a").state) == (before, PodState.DRAINING)
    desk.jobs.stop(rival.job_id, OPERATOR)
    assert desk.jobs.undo("id-1", CALLER).undoing


@pytest.mark.parametrize("state", ["running", "done"])
def test_what_a_job_in_its_state_can_not_do_is_told(state):
    desk, _ = started(1)
    if state == "done":
        deliver(desk)
        with pytest.raises(Conflict, match=r"^job id-1 is done$"):
            desk.jobs.stop("id-1", CALLER)

    with pytest.raises(Conflict) as refused:
        desk.jobs.resume("id-1", CALLER)
    assert str(refused.value) == f"job id-1 is {state}: only a stopped or stalled one can be resumed"
    desk.jobs.undo("id-1", CALLER)
    with pytest.raises(Conflict, match=r"^job id-1 is undone already: its undoing is running$"):
        desk.jobs.undo("id-1", CALLER)


def test_jobs_are_listed_by_pod_and_state():
    desk, first = started(0)
    other = desk.jobs.start("b", 60, OPERATOR)
    desk.jobs.stop("id-1", OPERATOR)

    def listed(*asked):
        return {job.job_id for job in desk.jobs.list(*asked)}

    both = {first.job_id, other.job_id}
    assert (listed(), listed("a"), listed("", JobState.RUNNING)) == (both, {first.job_id}, {other.job_id})
    assert listed("a", JobState.RUNNING) == set()
