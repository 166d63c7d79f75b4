"""Pending: what a job still has to do, found in bounded reads, however many bindings its pod has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.model.binding import Binding
from chalicelib.model.job import Job, Outcome, Step
from chalicelib.service.ports import BindingStore, JobStore

ROWS_AT_ONCE = 100  # as many as DynamoDB gives by their keys in one call
PAGES_A_SLICE = 10
Row = TypeVar("Row", Binding, Step)


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """The next rows to be worked at; those that follow are behind ``marker``, which is empty at the end."""

    rows: Sequence[Row]
    marker: str


@dataclass(frozen=True, slots=True)
class Pending:
    """Looks on from the job's marker until it has as many as are wanted, through ``pages`` pages at most."""

    bindings: BindingStore
    jobs: JobStore

    def to_move(self, job: Job, wanted: int, pages: int = PAGES_A_SLICE) -> Found[Binding]:
        """The pod's bindings of which no step of the job has seen the present generation."""
        found: list[Binding] = []
        marker = job.marker
        for _ in range(pages):
            page = self.bindings.in_pod(job.pod_id, marker, ROWS_AT_ONCE)
            found += self._unseen(job, page.bindings)
            if len(found) > wanted:
                return _cut(found, wanted)
            marker = page.last
            if not marker:
                break
        return Found(found, marker)

    def to_return(self, job: Job, wanted: int, pages: int = PAGES_A_SLICE) -> Found[Step]:
        """The moves that an undo still has to look at."""
        found: list[Step] = []
        marker = job.marker
        for _ in range(pages):
            page = self.jobs.steps(job.job_id, marker, ROWS_AT_ONCE)
            found += [step for step in page if step.outcome is Outcome.MOVED]
            if len(found) > wanted:
                return _cut(found, wanted)
            marker = page[-1].key.binding_id if len(page) == ROWS_AT_ONCE else ""
            if not marker:
                break
        return Found(found, marker)

    def _unseen(self, job: Job, bindings: Sequence[Binding]) -> Iterable[Binding]:
        steps = self.jobs.steps_about(job.job_id, [binding.key for binding in bindings]) if bindings else ()
        seen = {step.key: step.generation for step in steps}
        return [binding for binding in bindings if seen.get(binding.key, 0) < binding.generation]


def _cut(found: Sequence[Row], wanted: int) -> Found[Row]:
    rows = found[:wanted]
    return Found(rows, rows[-1].key.binding_id)
