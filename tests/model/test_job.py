from datetime import timedelta

from chalicelib.model.deed import Deed
from chalicelib.model.job import MOST_EVENTS, JobAction
from tests.builders import NOW, a_job

STARTED = a_job(user_id="op-1", request_id="req-1", reason="moving out")


def deed(user_id):
    return Deed(NOW + timedelta(minutes=1), user_id, f"req-of-{user_id}")


def test_a_job_is_set_going_by_who_started_resumed_or_undid_it_last_and_never_by_who_stopped_it():
    assert STARTED.set_going == Deed(NOW, "op-1", "req-1", "moving out")

    stopped = STARTED.having(JobAction.STOPPED, deed("op-2"))
    assert stopped.set_going.user_id == "op-1"
    undone = stopped.having(JobAction.UNDONE, deed("op-3"))
    assert undone.having(JobAction.STOPPED, deed("op-2")).set_going == deed("op-3")
    assert undone.having(JobAction.RESUMED, deed("op-4")).set_going == deed("op-4")


def test_a_job_that_is_stopped_and_resumed_for_ever_stays_small():
    job = STARTED
    for _ in range(MOST_EVENTS):
        job = job.having(JobAction.STOPPED, deed("op-2")).having(JobAction.RESUMED, deed("op-3"))

    assert len(job.events) == MOST_EVENTS
    assert job.set_going.user_id == "op-3"
