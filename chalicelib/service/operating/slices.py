"""Slices: what a job does about bindings, one message at a time.

A slice may run twice, at once or later, and may die at any point. So a binding is moved only if its
generation is the one that was read, and a step is written only if the job's is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib import observability
from chalicelib.model.errors import GenerationConflict, NotFound
from chalicelib.model.job import Job, JobState
from chalicelib.model.pod import PodState
from chalicelib.service.operating.drains import Drains, to_return
from chalicelib.service.ports import Clock, JobQueue, JobStore, PodStore

OVERDUE_SECONDS = 60
_LEAVING = (PodState.DRAINING, PodState.DISABLED)


@dataclass(frozen=True, slots=True)
class Slices:
    """Runs the slice that a message asks for, and finds slices whose message was lost."""

    store: JobStore
    queue: JobQueue
    drains: Drains
    pods: PodStore
    clock: Clock

    def run(self, job_id: str, turn: int) -> None:
        """Run one slice, unless the job is gone or doesn't run, or this isn't its turn."""
        try:
            job = self.store.get(job_id)
        except NotFound:
            return
        if job.state is not JobState.RUNNING or job.turn != turn:
            return
        try:
            after = self.store.update(self._slice(job))
        except GenerationConflict:
            # An operator or a twin of this slice wrote the job meanwhile, and sends what comes next.
            observability.logger().info("job overtaken", extra={"job_id": job_id, "turn": turn})
            return
        if after.state is JobState.RUNNING:
            self.queue.send(job_id, after.turn, after.pause_seconds)

    def wake(self) -> Sequence[Job]:
        """Send a message again for each job whose slice is long overdue, since that message was lost."""
        late = self.clock() - timedelta(seconds=OVERDUE_SECONDS)
        running = (job for job in self.store.list() if job.state is JobState.RUNNING)
        overdue = [job for job in running if job.next_at < late]
        for job in overdue:
            self.queue.send(job.job_id, job.turn, 0)
        return overdue

    def _slice(self, job: Job) -> Job:
        try:
            return self._returned(job) if job.undoing else self._drained(job)
        except NotFound:
            return job.ended(self.clock(), JobState.STOPPED, f"{job.pod_name} is no more")

    def _drained(self, job: Job) -> Job:
        """The job after a slice of moves. Raises NotFound when its pod is gone."""
        pod = self.pods.get(job.pod_id)
        if pod.state not in _LEAVING:
            return job.ended(
                self.clock(), JobState.STOPPED, f"{pod.pod_name} is {pod.state}: it drains no more"
            )
        pending = self.drains.to_move(job, self.store.steps(job.job_id))
        # A slice that moves the last binding doesn't end the job: the index that lists bindings may lag.
        if not pending:
            return job.ended(self.clock(), JobState.DONE)
        move = self.drains.mover(job)
        for binding in pending[: job.batch]:
            move(binding.key)
        return job.went_on(self.clock())

    def _returned(self, job: Job) -> Job:
        """The job after a slice of moves back. Raises NotFound when its pod is gone."""
        pending = to_return(self.store.steps(job.job_id))
        move_back = self.drains.returner(job)
        for step in pending[: job.batch]:
            move_back(step)
        if len(pending) <= job.batch:
            return job.ended(self.clock(), JobState.DONE)
        return job.went_on(self.clock())
