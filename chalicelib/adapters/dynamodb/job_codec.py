"""Job codec: jobs and their steps as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from chalicelib.model.binding import BindingKey
from chalicelib.model.deed import Deed
from chalicelib.model.job import Job, JobAction, JobEvent, JobState, Outcome, Step
from chalicelib.model.pod import PodState


def _read_event(record: Mapping[str, Any]) -> JobEvent:
    told = record["deed"]
    return JobEvent(JobAction(record["action"]), Deed(**{**told, "at": datetime.fromisoformat(told["at"])}))


_READERS: dict[str, Callable[[Any], Any]] = {
    "created_at": datetime.fromisoformat,
    "updated_at": datetime.fromisoformat,
    "next_at": datetime.fromisoformat,
    "leased_until": lambda at: at and datetime.fromisoformat(at),
    "at": datetime.fromisoformat,
    "previous_state": PodState,
    "state": JobState,
    "outcome": Outcome,
    "events": lambda records: tuple(map(_read_event, records)),
}


def write_job(job: Job) -> dict[str, Any]:
    """A job as values that JSON can hold."""
    record: dict[str, Any] = _plain(asdict(job))
    return record


def read_job(record: Mapping[str, Any]) -> Job:
    """The job that ``write_job`` wrote. Keys that a later version of this code added are ignored."""
    return Job(**_read(record, {field.name for field in fields(Job)}))


def write_step(step: Step) -> dict[str, Any]:
    """A step as values that JSON can hold, without the binding's key, which is in the item's own key."""
    return {name: _plain(value) for name, value in asdict(step).items() if name != "key"}


def read_step(binding_id: str, record: Mapping[str, Any]) -> Step:
    """The step that ``write_step`` wrote, for the binding whose id is in the item's key."""
    key = BindingKey.parse(binding_id)
    assert key is not None, "the item's key isn't a binding's id"
    return Step(key=key, **_read(record, {field.name for field in fields(Step)}))


def _read(record: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    return {
        name: _READERS[name](value) if name in _READERS else value
        for name, value in record.items()
        if name in known
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value
