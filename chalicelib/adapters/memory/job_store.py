"""Job store in memory. As in DynamoDB, a write must name the generation that it read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.adapters.memory import transaction
from chalicelib.model.binding import BindingKey
from chalicelib.model.errors import GenerationConflict, NotFound
from chalicelib.model.job import Job, Step


class MemoryJobStore:
    """Keeps the jobs in a dict, and for each its steps by binding."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._steps: dict[str, dict[BindingKey, Step]] = {}

    def create(self, job: Job) -> None:
        self._jobs[job.job_id] = job

    def get(self, job_id: str) -> Job:
        """One job. Raises NotFound."""
        if job_id not in self._jobs:
            raise NotFound("Job", job_id)
        return self._jobs[job_id]

    def list(self) -> list[Job]:
        """All jobs, newest first."""
        return sorted(self._jobs.values(), key=lambda job: (job.created_at, job.job_id), reverse=True)

    def update(self, job: Job) -> Job:
        """Write if the stored generation is ``job.generation``; returns the job with the next one.

        Raises GenerationConflict.
        """
        with transaction.LOCK:
            self._refuse_changed(job)
            after = replace(job, generation=job.generation + 1)
            self._jobs[job.job_id] = after
            return after

    def steps(self, job_id: str, after: str = "", limit: int = 1000) -> Sequence[Step]:
        """The last steps of the first bindings behind that binding id, sorted by id."""
        behind = [step for step in self._steps.get(job_id, {}).values() if step.key.binding_id > after]
        return sorted(behind, key=lambda step: step.key.binding_id)[:limit]

    def steps_about(self, job_id: str, keys: Iterable[BindingKey]) -> Sequence[Step]:
        """The last steps of these bindings that there are."""
        steps = self._steps.get(job_id, {})
        return [steps[key] for key in keys if key in steps]

    def save_step(self, job: Job, step: Step) -> None:
        """Write a step, if the job is still at its generation. Raises GenerationConflict.

        A slice may run twice. If its twin has written a later step of the binding, nothing is written, nor
        raised.
        """
        transaction.carry_out([self.step_write(job, step)])

    def step_write(self, job: Job, step: Step) -> transaction.Step:
        """The write of a step, to join a binding's transaction. All of it fails when the job has changed."""
        return transaction.Step(lambda: self._keep(job, step), check=lambda: self._refuse_changed(job))

    def _keep(self, job: Job, step: Step) -> None:
        steps = self._steps.setdefault(job.job_id, {})
        if step.key not in steps or step.follows(steps[step.key]):
            steps[step.key] = step

    def _refuse_changed(self, job: Job) -> None:
        if self.get(job.job_id).generation != job.generation:
            raise GenerationConflict(f"job {job.job_id} was written since generation {job.generation}")
