"""Slices: what a job does about bindings, one message at a time.

A slice may run twice, at once or later, and may die at any point. So it writes the job before it does
anything: of two that begin at once, one gets the lease, and the other does nothing. A binding is moved only
if its generation is the one that was read, and a step is written only if the job's is the slice's own: one
that outlives its lease writes nothing more as soon as another has begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import GenerationConflict, NotFound, Trio2oError
from chalicelib.model.job import Job, JobState
from chalicelib.model.pod import PodState
from chalicelib.service.operating.drains import Drains
from chalicelib.service.operating.pending import Pending
from chalicelib.service.ports import Clock, JobQueue, JobStore, PodStore

_MOST_LETTERS = 200  # of an error's message in a job's note
_LEAVING = (PodState.DRAINING, PodState.DISABLED)


@dataclass(frozen=True, slots=True)
class Slices:
    """Runs the slice that a message asks for, and finds slices whose message was lost."""

    store: JobStore
    queue: JobQueue
    drains: Drains
    pending: Pending
    pods: PodStore
    clock: Clock

    def run(self, job_id: str, turn: int) -> None:
        """Run one slice, unless the job is gone or doesn't run, this isn't its turn, or a twin has begun it.

        What goes wrong is noted in the job and raised, so that the queue delivers the message again.
        """
        try:
            job = self.store.get(job_id)
        except NotFound:
            return
        if job.state is not JobState.RUNNING or job.turn != turn or job.is_leased(self.clock()):
            return
        try:
            begun = self.store.update(job.begun(self.clock()))
            after = self._finished(begun)
        except GenerationConflict:
            # An operator or a twin of this slice wrote the job meanwhile, and sends what comes next.
            observability.logger().info("job overtaken", extra={"job_id": job_id, "turn": turn})
            return
        if after.state is JobState.RUNNING:
            self.queue.send(job_id, after.turn, after.pause_seconds)

    def wake(self) -> Sequence[Job]:
        """Send a message again for each job whose slice is long overdue, since that message was lost."""
        overdue = [job for job in self.store.list() if job.is_overdue(self.clock())]
        for job in overdue:
            self.queue.send(job.job_id, job.turn, 0)
        return overdue

    def _finished(self, begun: Job) -> Job:
        try:
            return self.store.update(self._slice(begun))
        except GenerationConflict:
            raise
        except Exception as error:
            with suppress(Trio2oError):
                self.store.update(begun.failed(f"{type(error).__name__}: {error}"[:_MOST_LETTERS]))
            raise

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
        found = self.pending.to_move(job, job.batch)
        clean = job.clean and not found.rows
        # A look that finds the last binding doesn't end the job: the index that lists bindings may lag.
        if clean and not found.marker:
            return job.ended(self.clock(), JobState.DONE)
        move = self.drains.mover(job)
        for binding in found.rows:
            move(binding.key)
        return job.went_on(self.clock(), found.marker, clean or not found.marker)

    def _returned(self, job: Job) -> Job:
        """The job after a slice of moves back. Raises NotFound when its pod is gone."""
        found = self.pending.to_return(job, job.batch)
        move_back = self.drains.returner(job)
        for step in found.rows:
            move_back(step)
        if not found.marker:
            return job.ended(self.clock(), JobState.DONE)
        return job.went_on(self.clock(), found.marker, clean=True)
