"""The admin API's jobs resource, and the plan of a drain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chalicelib import wiring
from chalicelib.api.admin.job_bodies import write_job, write_planned, write_progress, write_step
from chalicelib.api.admin.queries import PAGING, id_word, read_page, read_query
from chalicelib.api.admin.requests import read_reason
from chalicelib.api.call import Call, Reply
from chalicelib.model.fields import one_of
from chalicelib.model.identity import Caller
from chalicelib.model.job import Job, JobState, Outcome

PLANNED_AT_ONCE = 100


def plan_drain(call: Call) -> Reply:
    """Where each of the pod's bindings would go now, and what would fit nowhere; nothing is written."""
    page = read_page(read_query(call.query, PAGING), PLANNED_AT_ONCE)
    plan = wiring.services().drains.plan(call.path["pod_id"], page)
    staying = sum(move.pod is None for move in plan)
    counts = {"would_move": len(plan) - staying, "would_stay": staying}
    return Reply(200, {"drain_plan": {**counts, "bindings": [write_planned(move) for move in plan]}})


def list_jobs(call: Call) -> Reply:
    """All jobs, newest first, or those of a pod or in a state."""
    asked = read_query(call.query, {"pod_id": id_word, "state": one_of(JobState), **PAGING})
    jobs = wiring.services().jobs.list(asked.get("pod_id", ""), asked.get("state"))
    page = read_page(asked)
    shown = page.after_marker(jobs, lambda job: job.job_id)[: page.limit]
    return Reply(200, {"jobs": [write_job(job, _now()) for job in shown]})


def show_job(call: Call) -> Reply:
    """How far a job is, and which bindings didn't go as planned."""
    read_query(call.query)
    return _shown(call.path["job_id"])


def list_steps(call: Call) -> Reply:
    """What became of each binding, sorted by binding; or those of one outcome."""
    asked = read_query(call.query, {"outcome": one_of(Outcome), **PAGING})
    shown = wiring.services().jobs.steps(call.path["job_id"], asked.get("outcome"), read_page(asked))
    return Reply(200, {"steps": [write_step(step) for step in shown]})


def stop_job(call: Call) -> Reply:
    """No binding moves from now on; the pod keeps draining."""
    return _after(call, wiring.services().jobs.stop)


def resume_job(call: Call) -> Reply:
    """A stopped or stalled job goes on, and its pod drains again."""
    return _after(call, wiring.services().jobs.resume)


def undo_job(call: Call) -> Reply:
    """Move back what the job moved and nobody wrote since; the pod's state goes back at once."""
    return _after(call, wiring.services().jobs.undo)


def _after(call: Call, act: Callable[[str, Caller, str], Job]) -> Reply:
    _, reason = read_reason(call)
    job_id = call.path["job_id"]
    act(job_id, call.caller, reason)
    return _shown(job_id)


def _shown(job_id: str) -> Reply:
    return Reply(200, {"job": write_progress(wiring.services().jobs.progress(job_id), _now())})


def _now() -> datetime:
    return wiring.services().jobs.clock()
