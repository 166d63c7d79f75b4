"""Jobs: drains that run in slices, started, stopped, resumed and undone by operators.

Each message runs one slice. A slice may run twice, at once or later, and may die between any two
steps. So a binding is moved only if its generation is the one that was read, and what became of it is
kept only if the job's is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib import observability
from chalicelib.model.binding import Binding
from chalicelib.model.errors import Conflict, GenerationConflict, NotFound
from chalicelib.model.identity import Caller
from chalicelib.model.job import Job, JobState, Outcome, Step
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.operating.drains import Draining
from chalicelib.service.operating.pods import Pods
from chalicelib.service.ports import BindingQuery, BindingStore, Clock, Ids, JobQueue, JobStore, Page

OVERDUE_SECONDS = 60
WRITE_ATTEMPTS = 5
EVERY_BINDING = Page(limit=1_000_000)
_LEAVING = (PodState.DRAINING, PodState.DISABLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """A job with what became of each binding so far, and how many are still to come."""

    job: Job
    steps: tuple[Step, ...]
    remaining: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """What operators do with drains, and what the queue makes of it."""

    store: JobStore
    queue: JobQueue
    draining: Draining
    pods: Pods
    bindings: BindingStore
    clock: Clock
    ids: Ids

    def start(self, pod_id: str, rate_per_minute: int, caller: Caller) -> Job:
        """Drain a pod: nothing new goes there from now on, and its bindings move at the rate.

        A disabled pod stays disabled. Raises NotFound, Conflict when a job of it runs already,
        Unavailable when the queue can't be reached: the job is there then, and the clock sets it going.
        """
        pod, now = self.pods.get(pod_id), self.clock()
        self._refuse_second(pod_id)
        job = Job(
            job_id=self.ids(),
            pod_id=pod_id,
            pod_name=pod.pod_name,
            rate_per_minute=rate_per_minute,
            previous_state=pod.state,
            created_at=now,
            updated_at=now,
            next_at=now,
            user_id=caller.identity.user_id,
            request_id=caller.request_id,
        )
        # First the job, which remembers the state as it was; one that dies here stops itself.
        self.store.create(job)
        self._alone(job)
        self._close(pod)
        self.queue.send(job.job_id, job.turn, 0)
        return job

    def list(self, pod_id: str = "", state: JobState | None = None) -> list[Job]:
        """Jobs, newest first: all, those of a pod, those in a state."""
        jobs = self.store.list()
        return [job for job in jobs if pod_id in ("", job.pod_id) and state in (None, job.state)]

    def progress(self, job_id: str) -> Progress:
        """How far a job is. Raises NotFound."""
        job, steps = self.store.get(job_id), self.store.steps(job_id)
        remaining = len(_to_return(steps)) if job.undoing else len(self._to_move(job, steps))
        return Progress(job, tuple(steps), remaining)

    def stop(self, job_id: str) -> Job:
        """No binding moves from now on. Raises NotFound, Conflict when the job is done."""
        return self._stopped(job_id, "stopped by an operator")

    def _stopped(self, job_id: str, note: str) -> Job:
        def stopped(job: Job) -> Job:
            if job.state is JobState.DONE:
                raise Conflict(f"job {job_id} is done")
            if job.state is JobState.STOPPED:
                return job
            return job.ended(self.clock(), JobState.STOPPED, note)

        return self._changed(job_id, stopped)

    def resume(self, job_id: str) -> Job:
        """Go on where it stopped; the pod drains again. Raises NotFound, Conflict."""
        job = self.store.get(job_id)
        if job.state is not JobState.STOPPED:
            raise Conflict(f"job {job_id} is {job.state}: only a stopped one can be resumed")
        self._refuse_second(job.pod_id)
        if not job.undoing:
            self._close(self.pods.get(job.pod_id))
        return self._set_going(job_id, undoing=job.undoing)

    def undo(self, job_id: str) -> Job:
        """Move back what this job moved and nobody moved since, at the same rate.

        The pod's state goes back first, unless somebody else changed it. Raises NotFound, Conflict
        when it is being undone, or was, or another job of the pod runs.
        """
        job = self.store.get(job_id)
        if job.undoing:
            raise Conflict(f"job {job_id} is undone already: its undoing is {job.state}")
        self._refuse_second(job.pod_id, but=job_id)
        if self.pods.get(job.pod_id).state is PodState.DRAINING:
            self.pods.set_state(job.pod_id, job.previous_state)
        return self._set_going(job_id, undoing=True)

    def run(self, job_id: str, turn: int) -> None:
        """Run one slice, unless the job is gone, doesn't run, or had this turn already."""
        try:
            job = self.store.get(job_id)
        except NotFound:
            return
        if job.state is not JobState.RUNNING or job.turn != turn:
            return
        try:
            after = self.store.update(self._slice(job))
        except GenerationConflict:
            # Stopped, undone, or overtaken by a twin of this message: whoever wrote goes on.
            observability.logger().info("job overtaken", extra={"job_id": job_id, "turn": turn})
            return
        if after.state is JobState.RUNNING:
            self.queue.send(job_id, after.turn, after.pause_seconds)

    def wake(self) -> Sequence[Job]:
        """Send again for jobs whose slice is long overdue: their message was lost."""
        late = self.clock() - timedelta(seconds=OVERDUE_SECONDS)
        overdue = [job for job in self.list(state=JobState.RUNNING) if job.next_at < late]
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
        pending = self._to_move(job, self.store.steps(job.job_id))
        # Only a slice that finds nothing ends the job: the index that lists bindings lags behind.
        if not pending:
            return job.ended(self.clock(), JobState.DONE)
        move = self.draining.mover(job)
        for binding in pending[: job.batch]:
            move(binding.key)
        return job.went_on(self.clock())

    def _returned(self, job: Job) -> Job:
        """The job after a slice of moves back. Raises NotFound when its pod is gone."""
        pending = _to_return(self.store.steps(job.job_id))
        move_back = self.draining.returner(job)
        for step in pending[: job.batch]:
            move_back(step)
        if len(pending) <= job.batch:
            return job.ended(self.clock(), JobState.DONE)
        return job.went_on(self.clock())

    def _to_move(self, job: Job, steps: Sequence[Step]) -> Sequence[Binding]:
        """The pod's bindings that this job hasn't dealt with as they are now."""
        seen = {step.key: step.generation for step in steps}
        bound = self.bindings.find(BindingQuery(pod_id=job.pod_id), EVERY_BINDING)
        return [binding for binding in bound if seen.get(binding.key, 0) < binding.generation]

    def _set_going(self, job_id: str, undoing: bool) -> Job:
        job = self._changed(job_id, lambda job: job.restarted(self.clock(), undoing))
        self._alone(job)
        self.queue.send(job_id, job.turn, 0)
        return job

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def _changed(self, job_id: str, change: Callable[[Job], Job]) -> Job:
        """Write what an operator wants of a job, though its slices write it too."""
        job = self.store.get(job_id)
        after = change(job)
        return job if after == job else self.store.update(after)

    def _close(self, pod: Pod) -> None:
        if pod.state is not PodState.DISABLED:
            self.pods.set_state(pod.pod_id, PodState.DRAINING)

    def _refuse_second(self, pod_id: str, but: str = "") -> None:
        for job in self.list(pod_id, JobState.RUNNING):
            if job.job_id != but:
                what = "undoing its drain" if job.undoing else "draining it"
                raise Conflict(f"job {job.job_id} is {what} already: stop it first")

    def _alone(self, job: Job) -> None:
        """Stop a job that has just been written if another of its pod runs. Raises Conflict.

        Of two that start at once, each writes its own job before it looks for the other's: both may stop,
        but never do both run.
        """
        try:
            self._refuse_second(job.pod_id, but=job.job_id)
        except Conflict:
            self._stopped(job.job_id, "another job of the pod runs")
            raise


def _to_return(steps: Sequence[Step]) -> Sequence[Step]:
    return [step for step in steps if step.outcome is Outcome.MOVED]
