"""Job bodies: a drain's plan, its job, and what became of each binding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.admin.deed_bodies import REASON, write_deed
from chalicelib.model.fields import an_object, read_fields, whole
from chalicelib.model.job import MOST_PER_MINUTE, Job, Outcome, Step
from chalicelib.model.json_values import write_time
from chalicelib.service.operating.drains import PlannedMove
from chalicelib.service.operating.jobs import Progress

_EXCEPTIONS = (Outcome.LEFT, Outcome.SKIPPED, Outcome.KEPT)
MOST_EXCEPTIONS = 100


@dataclass(frozen=True, slots=True)
class DrainOrder:
    """How many bindings a minute a drain moves at most, if it moves them itself (else None), and why."""

    rate_per_minute: int | None
    reason: str


def read_drain(body: object) -> DrainOrder:
    """A drain, whose fields may all be left out. Raises InvalidField."""
    given = an_object('must be an object, such as {"rate_per_minute": 60}')("body", body)
    values = read_fields(given, {"rate_per_minute": whole(1, MOST_PER_MINUTE), "reason": REASON})
    return DrainOrder(values.get("rate_per_minute"), values.get("reason", ""))


def write_job(job: Job, at: datetime) -> dict[str, Any]:
    """A job in a list, as it is at that moment."""
    return {
        "job_id": job.job_id,
        "kind": "drain",
        "pod_id": job.pod_id,
        "pod_name": job.pod_name,
        "state": job.state.value,
        "stalled": job.is_stalled(at),
        "undoing": job.undoing,
        "rate_per_minute": job.rate_per_minute,
        "previous_pod_state": job.previous_state.value,
        "note": job.note,
        "created_at": write_time(job.created_at),
        "updated_at": write_time(job.updated_at),
        "user_id": job.user_id,
        "request_id": job.request_id,
        "reason": job.reason,
    }


def write_progress(progress: Progress, at: datetime) -> dict[str, Any]:
    """A job with what operators did to it, its counts, and the first bindings that didn't go as planned.

    Its steps list all bindings.
    """
    counts = Counter(step.outcome for step in progress.steps)
    exceptions = [step for step in progress.steps if step.outcome in _EXCEPTIONS]
    return {
        **write_job(progress.job, at),
        "events": [
            {"action": "started", **write_deed(progress.job.started)},
            *({"action": event.action.value, **write_deed(event.deed)} for event in progress.job.events),
        ],
        "progress": {
            "remaining": progress.remaining,
            **{outcome.value: counts[outcome] for outcome in Outcome},
            "all_counted": progress.all_counted,
        },
        "exceptions": [write_step(step) for step in exceptions[:MOST_EXCEPTIONS]],
    }


def write_step(step: Step) -> dict[str, Any]:
    """What became of one binding."""
    return {
        "binding_id": step.key.binding_id,
        "tenant_id": step.key.project_id,
        "az_name": step.key.az_name,
        "affinity_group": step.key.affinity_group,
        "outcome": step.outcome.value,
        "to_pod_id": step.to_pod_id or None,
        "generation": step.generation,
        "reason": step.reason,
        "decision_id": step.decision_id or None,
        "at": write_time(step.at),
    }


def write_planned(move: PlannedMove) -> dict[str, Any]:
    """Where a binding would go, or why it would stay."""
    spec, pod = move.decision.spec, move.pod
    need = spec.need
    return {
        "binding_id": move.binding.key.binding_id,
        "tenant_id": move.binding.key.project_id,
        "az_name": move.binding.key.az_name,
        "affinity_group": move.binding.key.affinity_group,
        "to_pod_id": pod.pod_id if pod else None,
        "to_pod_name": pod.pod_name if pod else None,
        "reason": move.reason,
        "judged_by": {
            "flavor": spec.flavor.name,
            "vcpus": need.vcpus,
            "ram_mb": need.ram_mb,
            "disk_gb": need.disk_gb,
        },
    }
