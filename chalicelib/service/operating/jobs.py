"""Jobs: operators start, stop, resume and undo drains, and see how far each is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.job import Job, JobAction, JobState, Outcome, Step
from chalicelib.model.page import Page
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.operating.pending import ROWS_AT_ONCE, Pending
from chalicelib.service.operating.pods import Pods
from chalicelib.service.ports import Clock, Ids, JobQueue, JobStore

WRITE_ATTEMPTS = 5
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Progress:
    """A job with what became of each binding so far, and how many are still to come.

    Of a job that has more than ``MOST_COUNTED`` of either, as many are told, and ``all_counted`` is False.
    """

    job: Job
    steps: Sequence[Step]
    remaining: int
    all_counted: bool


@dataclass(frozen=True, slots=True)
class Jobs:
    """What operators do with jobs; ``Slices`` does a job's work."""

    store: JobStore
    queue: JobQueue
    pending: Pending
    pods: Pods
    clock: Clock
    ids: Ids

    def start(self, pod_id: str, rate_per_minute: int, caller: Caller, reason: str = "") -> Job:
        """Drain a pod: nothing new goes there from now on, and its bindings move at the rate.

        A disabled pod stays disabled. Raises NotFound, Conflict when a job of it runs already,
        Unavailable when the queue can't be reached: the job is written then and named in the message, and
        ``Slices.wake`` sends its first message later.
        """
        pod, now = self.pods.get(pod_id), self.clock()
        job = Job(
            job_id=self.ids(),
            pod_id=pod_id,
            pod_name=pod.pod_name,
            rate_per_minute=rate_per_minute,
            previous_state=pod.state,
            previous_reason=pod.state_reason,
            created_at=now,
            updated_at=now,
            next_at=now,
            user_id=caller.identity.user_id,
            request_id=caller.request_id,
            reason=reason,
        )
        self._refuse_second(job)
        # The job is written first, since it holds the pod's state from before. If this process dies here,
        # the job's first slice finds that the pod isn't draining, and stops the job.
        self.store.create(job)
        self._alone(job)
        self._close(pod, job, caller, reason)
        self._send(job)
        return job

    def list(self, pod_id: str = "", state: JobState | None = None) -> list[Job]:
        """Jobs, newest first: all, those of a pod, those in a state."""
        jobs = self.store.list()
        return [job for job in jobs if pod_id in ("", job.pod_id) and state in (None, job.state)]

    def progress(self, job_id: str) -> Progress:
        """A job, its steps, and how many bindings are left. Raises NotFound."""
        job, pages = self.store.get(job_id), MOST_COUNTED // ROWS_AT_ONCE
        steps = self.store.steps(job_id, limit=MOST_COUNTED)
        look = self.pending.to_return if job.undoing else self.pending.to_move
        left = look(replace(job, marker=""), MOST_COUNTED, pages)
        return Progress(job, steps, len(left.rows), len(steps) < MOST_COUNTED and not left.marker)

    def steps(self, job_id: str, outcome: Outcome | None, page: Page) -> Sequence[Step]:
        """What became of each binding, sorted by its id; or those of one outcome. Raises NotFound."""
        self.store.get(job_id)
        found: list[Step] = []
        marker = page.marker
        while len(found) < page.limit:
            steps = self.store.steps(job_id, marker)
            found += [step for step in steps if outcome in (None, step.outcome)]
            if not steps:
                break
            marker = steps[-1].key.binding_id
        return found[: page.limit]

    def stop(self, job_id: str, caller: Caller, reason: str = "") -> Job:
        """Stop a job: it moves no binding from now on. Raises NotFound, Conflict when the job is done."""
        deed = Deed.of(caller, self.clock(), reason)
        return self._stopped(job_id, reason or "stopped by an operator", deed)

    def _stopped(self, job_id: str, note: str, deed: Deed | None = None) -> Job:
        """Without a ``deed`` it stops by itself."""

        def stopped(job: Job) -> Job:
            if job.state is JobState.DONE:
                raise Conflict(f"job {job_id} is done")
            if job.state is JobState.STOPPED:
                return job
            after = job.ended(self.clock(), JobState.STOPPED, note)
            return after.having(JobAction.STOPPED, deed) if deed else after

        return self._changed(job_id, stopped)

    def resume(self, job_id: str, caller: Caller, reason: str = "") -> Job:
        """Let a stopped or stalled job go on; a drain makes its pod draining again.

        Raises NotFound, Conflict.
        """
        job = self.store.get(job_id)
        if job.state is not JobState.STOPPED and not job.is_stalled(self.clock()):
            raise Conflict(f"job {job_id} is {job.state}: only a stopped or stalled one can be resumed")
        self._refuse_second(job)
        if not job.undoing:
            self._close(self.pods.get(job.pod_id), job, caller, reason)
        return self._set_going(job_id, job.undoing, JobAction.RESUMED, Deed.of(caller, self.clock(), reason))

    def undo(self, job_id: str, caller: Caller, reason: str = "") -> Job:
        """Move back what this job moved and nobody moved since, at the same rate.

        The pod's state goes back first, unless somebody else changed it. Raises NotFound, Conflict when
        the job was undone or is being undone, or another job of the pod runs.
        """
        job = self.store.get(job_id)
        if job.undoing:
            raise Conflict(f"job {job_id} is undone already: its undoing is {job.state}")
        self._refuse_second(job)
        if self.pods.get(job.pod_id).state is PodState.DRAINING:
            told = ": ".join(filter(None, (f"undo of job {job_id}", reason)))
            self.pods.set_state(job.pod_id, job.previous_state, caller, told, job.previous_reason)
        return self._set_going(job_id, True, JobAction.UNDONE, Deed.of(caller, self.clock(), reason))

    def _set_going(self, job_id: str, undoing: bool, action: JobAction, deed: Deed) -> Job:
        job = self._changed(job_id, lambda job: job.restarted(self.clock(), undoing).having(action, deed))
        self._alone(job)
        self._send(job)
        return job

    def _send(self, job: Job) -> None:
        """Send the first message of a job that is written. Raises Unavailable."""
        try:
            self.queue.send(job.job_id, job.turn, 0)
        except Unavailable as error:
            told = "is written and will begin by itself within some minutes: don't order it again"
            raise Unavailable(f"Job {job.job_id} {told} ({error}).") from error

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def _changed(self, job_id: str, change: Callable[[Job], Job]) -> Job:
        """Write an operator's change of a job, again when a slice wrote the job meanwhile."""
        job = self.store.get(job_id)
        after = change(job)
        return job if after == job else self.store.update(after)

    def _close(self, pod: Pod, job: Job, caller: Caller, reason: str) -> None:
        if pod.state is not PodState.DISABLED:
            told = ": ".join(filter(None, (f"job {job.job_id}", reason)))
            self.pods.set_state(pod.pod_id, PodState.DRAINING, caller, told)

    def _refuse_second(self, job: Job) -> None:
        """Raise Conflict while another job of the same pod runs."""
        for other in self.list(job.pod_id, JobState.RUNNING):
            if other.job_id != job.job_id:
                what = "undoing its drain" if other.undoing else "draining it"
                raise Conflict(f"job {other.job_id} is {what} already: stop it first")

    def _alone(self, job: Job) -> None:
        """Stop a job that was just written, and raise Conflict, if another job of its pod runs.

        When two start at once, each is written before it looks for the other. So both may be stopped, but
        never do both run.
        """
        try:
            self._refuse_second(job)
        except Conflict:
            self._stopped(job.job_id, "another job of the pod runs")
            raise
