"""Job: a pod's bindings moved one after another at a chosen rate, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from chalicelib.model.binding import BindingKey
from chalicelib.model.deed import Deed
from chalicelib.model.pod import PodState

SLICE_SECONDS = 5
# As long as the function that runs a slice may take; the longest pause between slices isn't longer.
LEASE_SECONDS = 60
OVERDUE_SECONDS = 60
MOST_TRIES = 3
MOST_PER_MINUTE = 600
MOST_EVENTS = 100


class JobState(StrEnum):
    """RUNNING has slices to run; STOPPED waits for a resume; DONE found nothing more to move."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class JobAction(StrEnum):
    """What an operator does to a job that was started."""

    STOPPED = "stopped"
    RESUMED = "resumed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class JobEvent:
    """What was done to a job, and whose doing it was."""

    action: JobAction
    deed: Deed


class Outcome(StrEnum):
    """What became of a binding; RETURNED and KEPT are what an undo did."""

    MOVED = "moved"
    SKIPPED = "skipped"  # somebody else moved or ended it meanwhile
    LEFT = "left"  # it fits nowhere else
    RETURNED = "returned"
    KEPT = "kept"  # somebody else wrote it since we moved it, or it can't go back


@dataclass(frozen=True, slots=True)
class Step:
    """What the job last did about one binding.

    ``generation`` is the binding's after the step; if it is newer now, somebody else wrote the binding.
    ``to_pod_id`` and ``decision_id`` are empty where nothing moved or nothing was decided.
    """

    key: BindingKey
    outcome: Outcome
    generation: int
    at: datetime
    to_pod_id: str = ""
    reason: str = ""
    decision_id: str = ""

    def follows(self, kept: Step) -> bool:
        """Whether it may replace the stored step ``kept`` of the same binding.

        A slice may run twice at once, and the run that saw less must not overwrite the other's step: the one
        with the newer generation stays. At equal generations only KEPT replaces MOVED, since that is how an
        undo leaves a binding where it is.
        """
        if self.generation != kept.generation:
            return self.generation > kept.generation
        return (kept.outcome, self.outcome) == (Outcome.MOVED, Outcome.KEPT)


@dataclass(frozen=True, slots=True)
class Job:
    """The drain of one pod, or its undoing, in slices of at most ``batch`` bindings.

    ``turn`` counts slices: a message for another turn is a duplicate. ``next_at`` is when the next
    slice is due; one that is long overdue has lost its message. A slice that has begun holds the job until
    ``leased_until``; ``tries`` counts how often this turn's slice has begun. ``previous_state`` is the pod's
    before the drain, ``previous_reason`` what was said with it. ``note`` says why a job stopped, or why its
    last slice failed. Generation counts writes from 1.

    The job looks through its bindings again and again; the next slice looks on behind the binding whose id is
    ``marker``. ``clean`` is True while this look has found nothing to do; one that ends so is the last.

    ``user_id``, ``request_id`` and ``reason`` are of who started it; ``events`` are what operators did to it
    afterwards, the last ``MOST_EVENTS`` of them.
    """

    job_id: str
    pod_id: str
    pod_name: str
    rate_per_minute: int
    previous_state: PodState
    created_at: datetime
    updated_at: datetime
    next_at: datetime
    state: JobState = JobState.RUNNING
    undoing: bool = False
    turn: int = 1
    generation: int = 1
    note: str = ""
    user_id: str = ""
    request_id: str = ""
    reason: str = ""
    previous_reason: str = ""
    events: tuple[JobEvent, ...] = ()
    leased_until: datetime | None = None
    tries: int = 0
    marker: str = ""
    clean: bool = True

    @property
    def started(self) -> Deed:
        """Whose doing the job is."""
        return Deed(self.created_at, self.user_id, self.request_id, self.reason)

    @property
    def set_going(self) -> Deed:
        """Whose doing it is that the job runs as it does: who started, resumed or undid it last."""
        since = [event.deed for event in self.events if event.action is not JobAction.STOPPED]
        return since[-1] if since else self.started

    @property
    def batch(self) -> int:
        """How many bindings a slice moves, so that slices come every few seconds at most."""
        return max(1, self.rate_per_minute * SLICE_SECONDS // 60)

    @property
    def pause_seconds(self) -> int:
        """How long after a slice the next one comes; rounded up, so the rate is never passed."""
        return ceil(self.batch * 60 / self.rate_per_minute)

    def is_leased(self, at: datetime) -> bool:
        """Whether a slice is at work, as far as one can know."""
        return self.leased_until is not None and at < self.leased_until

    def is_overdue(self, at: datetime) -> bool:
        """Whether its slice should have begun long ago, or should have ended."""
        late = at - timedelta(seconds=OVERDUE_SECONDS)
        return self.state is JobState.RUNNING and self.next_at < late and not self.is_leased(at)

    def is_stalled(self, at: datetime) -> bool:
        """Whether an operator should look at it: it is overdue, or the same slice began again and again."""
        return self.is_overdue(at) or (self.state is JobState.RUNNING and self.tries > MOST_TRIES)

    def begun(self, at: datetime) -> Job:
        """The job while a slice is at work on it; whoever writes it after that ends the slice's right to."""
        return replace(
            self, leased_until=at + timedelta(seconds=LEASE_SECONDS), tries=self.tries + 1, updated_at=at
        )

    def failed(self, why: str) -> Job:
        """The job whose slice has failed, and why; the lease stays, so that the rate holds."""
        return replace(self, note=f"a slice failed: {why}")

    def went_on(self, at: datetime, marker: str, clean: bool) -> Job:
        """The job after a slice that looked as far as ``marker``, with the next one due."""
        due = at + timedelta(seconds=self.pause_seconds)
        after = replace(self, turn=self.turn + 1, updated_at=at, next_at=due, marker=marker, clean=clean)
        return replace(after, leased_until=None, tries=0, note="")

    def ended(self, at: datetime, state: JobState, note: str = "") -> Job:
        """The job done or stopped, with no slice due."""
        turn = self.turn + 1
        return replace(self, state=state, turn=turn, updated_at=at, note=note, leased_until=None, tries=0)

    def restarted(self, at: datetime, undoing: bool) -> Job:
        """The job running and looking anew, with a slice due at once; earlier turns' messages are void."""
        anew = replace(self, undoing=undoing, marker="", clean=True, leased_until=None, tries=0, note="")
        return replace(anew, state=JobState.RUNNING, turn=self.turn + 1, updated_at=at, next_at=at)

    def having(self, action: JobAction, deed: Deed) -> Job:
        """The job with one more event."""
        return replace(self, events=(*self.events, JobEvent(action, deed))[-MOST_EVENTS:])
