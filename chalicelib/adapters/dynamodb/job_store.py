"""Job store: jobs, and the last step of each about each binding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.job_codec import read_job, read_step, write_job, write_step
from chalicelib.adapters.dynamodb.transaction import lost_race, transaction
from chalicelib.model.binding import BindingKey
from chalicelib.model.errors import GenerationConflict, NotFound
from chalicelib.model.job import Job, Outcome, Step


class JobItem(Item):
    """A job. Its generation has an attribute beside the record, since the conditions of writes name it."""

    noun = "jobs"
    job_id = UnicodeAttribute(hash_key=True)
    generation = NumberAttribute()
    record = UnicodeAttribute()

    def job(self) -> Job:
        return read_job(json.loads(self.record))


class StepItem(Item):
    """What a job last did about one binding."""

    noun = "job-steps"
    job_id = UnicodeAttribute(hash_key=True)
    binding_id = UnicodeAttribute(range_key=True)
    generation = NumberAttribute()  # the binding's; the condition of StepWrite names this and the outcome
    outcome = UnicodeAttribute()
    record = UnicodeAttribute()

    def step(self) -> Step:
        return read_step(self.binding_id, json.loads(self.record))


@dataclass(frozen=True, slots=True)
class StepWrite:
    """Writes a step in another store's transaction, all of which fails when the job has changed."""

    jobs: type[JobItem]
    steps: type[StepItem]
    job: Job
    step: Step

    def join(self, transaction: Any) -> None:
        """Add the step, and the check of the job, to a pynamodb TransactWrite."""
        job = self.job
        transaction.condition_check(self.jobs, job.job_id, condition=self.jobs.generation == job.generation)
        transaction.save(self._item(), self._follows())

    def _item(self) -> StepItem:
        step, record = self.step, json.dumps(write_step(self.step))
        return self.steps(
            self.job.job_id,
            step.key.binding_id,
            generation=step.generation,
            outcome=step.outcome.value,
            record=record,
        )

    def _follows(self) -> Condition:
        """The rule of ``Step.follows`` as a condition on the stored step."""
        stored, step = self.steps, self.step
        follows: Condition = stored.generation.does_not_exist() | (stored.generation < step.generation)
        if step.outcome is Outcome.KEPT:
            moved = stored.outcome == Outcome.MOVED.value
            follows = follows | ((stored.generation == step.generation) & moved)
        return follows


class DynamoJobStore:
    """Writes a job, or one of its steps, only if the job's generation is the one that was read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = database.table(JobItem)
        self._steps = database.table(StepItem)

    def create(self, job: Job) -> None:
        with transaction(self._database) as write:
            write.save(self._item(job), self._jobs.job_id.does_not_exist())

    def get(self, job_id: str) -> Job:
        """One job, read strongly. Raises NotFound."""
        try:
            return self._jobs.get(job_id, consistent_read=True).job()
        except self._jobs.DoesNotExist as error:
            raise NotFound("Job", job_id) from error

    def list(self) -> list[Job]:
        """All jobs, newest first. There is one for each drain, so a scan finds few."""
        jobs = [item.job() for item in self._jobs.scan(consistent_read=True)]
        return sorted(jobs, key=lambda job: (job.created_at, job.job_id), reverse=True)

    def update(self, job: Job) -> Job:
        """Write if the stored generation is ``job.generation``; returns the job with the next one.

        Raises GenerationConflict.
        """
        after = replace(job, generation=job.generation + 1)
        try:
            with transaction(self._database) as write:
                write.save(self._item(after), self._jobs.generation == job.generation)
        except TransactWriteError as error:
            if lost_race(error):
                raise _written_since(job) from error
            raise
        return after

    def steps(self, job_id: str, after: str = "", limit: int = 1000) -> Sequence[Step]:
        """The last steps of the first bindings behind that binding id, sorted by id, read strongly."""
        behind = self._steps.binding_id > after if after else None
        items = self._steps.query(job_id, behind, consistent_read=True, limit=limit)
        return [item.step() for item in items]

    def steps_about(self, job_id: str, keys: Iterable[BindingKey]) -> Sequence[Step]:
        """The last steps of these bindings (100 at most) that there are, read strongly."""
        asked = [(job_id, key.binding_id) for key in keys]
        return [item.step() for item in self._steps.batch_get(asked, consistent_read=True)]

    def save_step(self, job: Job, step: Step) -> None:
        """Write a step, if the job is still at its generation. Raises GenerationConflict.

        A slice may run twice. If its twin has written a later step of the binding, nothing is written, nor
        raised.
        """
        try:
            with transaction(self._database) as write:
                self.step_write(job, step).join(write)
        except TransactWriteError as error:
            if not lost_race(error):
                raise
            if self.get(job.job_id).generation != job.generation:
                raise _written_since(job) from error

    def step_write(self, job: Job, step: Step) -> StepWrite:
        """The write of a step, to join a binding's transaction."""
        return StepWrite(self._jobs, self._steps, job, step)

    def _item(self, job: Job) -> JobItem:
        return self._jobs(job.job_id, generation=job.generation, record=json.dumps(write_job(job)))


def _written_since(job: Job) -> GenerationConflict:
    return GenerationConflict(f"job {job.job_id} was written since generation {job.generation}")
