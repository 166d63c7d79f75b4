"""Capacity: every pod observed once a round, so that creates choose by fresh numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic

from chalicelib import observability
from chalicelib.model.capacity import CapacityReport, Refreshed
from chalicelib.model.errors import PodUnreachable, RefreshUnderWay, Trio2oError, UntrustedReport
from chalicelib.model.pod import Pod
from chalicelib.service.observing.settling import Settling
from chalicelib.service.ports import CapacityReader, CapacityStore, Clock, PodStore

_Observed = CapacityReport | Exception
_Heard = tuple[Pod, _Observed]
MOST_ERROR_LETTERS = 300


@dataclass(frozen=True, slots=True)
class RefreshRound:
    """How a round went: each pod, and the seconds that all took together."""

    pods: tuple[Refreshed, ...]
    seconds: float

    @property
    def failed(self) -> tuple[Refreshed, ...]:
        """The pods that keep their last report."""
        return tuple(pod for pod in self.pods if pod.error)


class CapacityRefresh:
    """Observes pods in parallel, each under its own deadline; one that hangs delays no other.

    Pods of any state are observed: a drained one may be enabled at any moment. A failure is noted
    and the last good report stays and ages.
    """

    def __init__(
        self,
        pods: PodStore,
        capacities: CapacityStore,
        reader: CapacityReader,
        clock: Clock,
        settling: Settling,
        *,
        deadline_seconds: float = 20.0,
        workers: int = 32,
        seconds: Callable[[], float] = monotonic,
        answered: Callable[[str, datetime], None] | None = None,
        publish: Callable[[], None] = lambda: None,
    ) -> None:
        """``workers`` pods are observed at once; ``seconds`` counts them for the deadlines.

        ``answered`` is told of each pod that gave a report, and when the look at it began; ``publish``
        makes creates see what a round found.
        """
        self._answered = answered
        self._pods = pods
        self._capacities = capacities
        self._reader = reader
        self._clock = clock
        self._settling = settling
        self._deadline_seconds = deadline_seconds
        self._workers = workers
        self._seconds = seconds
        self._publish = publish
        self._lock = Lock()
        self._threads: dict[str, tuple[Thread, float]] = {}

    def refresh_all(self) -> RefreshRound:
        """One round over every pod; raises only when the pods can't be listed."""
        done = self._round(self._pods.list())
        observability.count_refresh(len(done.pods) - len(done.failed), len(done.failed), done.seconds)
        return done

    def refresh(self, pod_id: str) -> Refreshed:
        """Observe one pod now. Raises NotFound; any other failure is in the answer."""
        return self._round([self._pods.get(pod_id)]).pods[0]

    def _round(self, pods: Sequence[Pod]) -> RefreshRound:
        started = self._seconds()
        at = self._clock()
        done = tuple(self._keep(pod, observed, at) for pod, observed in self._observations(pods))
        self._publish()
        return RefreshRound(done, round(self._seconds() - started, 3))

    def _observations(self, pods: Sequence[Pod]) -> Iterator[_Heard]:
        """Each pod with what came of it, as it comes."""
        waiting = deque(pods)
        overdue_at: dict[str, tuple[float, Pod]] = {}
        heard: SimpleQueue[_Heard] = SimpleQueue()
        while waiting or overdue_at:
            while waiting and len(overdue_at) < self._workers:
                pod = waiting.popleft()
                overdue_at[pod.pod_id] = (self._seconds() + self._deadline_seconds, pod)
                self._start(pod, heard)
            first, silent = min(overdue_at.values(), key=lambda entry: entry[0])
            try:
                pod, observed = heard.get(timeout=max(0.0, first - self._seconds()))
            except Empty:
                pod, observed = silent, self._too_slow(silent)
            # A pod that answers after its deadline isn't listened to: its failure is noted already.
            if overdue_at.pop(pod.pod_id, None) is not None:
                yield pod, observed

    def _start(self, pod: Pod, heard: SimpleQueue[_Heard]) -> None:
        """Observe in a thread that neither a deadline nor the end of the process has to wait for."""
        with self._lock:
            before = self._threads.get(pod.pod_id)
            if before is not None and before[0].is_alive():
                # Else a pod that hangs for an hour would hold sixty threads.
                in_time = self._seconds() - before[1] < self._deadline_seconds
                message = f"{pod.pod_name} is being refreshed at this moment"
                heard.put((pod, RefreshUnderWay(message) if in_time else self._too_slow(pod)))
                return
            run = copy_context().run
            name = f"refresh-{pod.pod_name}"
            thread = Thread(target=run, args=(self._observe, pod, heard), name=name, daemon=True)
            self._threads[pod.pod_id] = thread, self._seconds()
        thread.start()

    def _observe(self, pod: Pod, heard: SimpleQueue[_Heard]) -> None:
        try:
            # The list of pods leaves out hosts, whose last known sizes a report needs.
            capacity, _, _ = self._capacities.get(pod.pod_id)
            heard.put((pod, self._reader.read(replace(pod, capacity=capacity))))
        except Exception as error:  # whatever it is, it must not end the round
            heard.put((pod, error))

    def _keep(self, pod: Pod, observed: _Observed, at: datetime) -> Refreshed:
        """Write what was observed since ``at``; whatever goes wrong, it is this pod's trouble alone."""
        if isinstance(observed, CapacityReport) and observed.capacity.reported_at > self._clock():
            observed = UntrustedReport("the report is dated in the future")
        try:
            if isinstance(observed, CapacityReport):
                try:
                    self._save(pod, observed)
                    if self._answered is not None:
                        self._answered(pod.pod_id, observed.capacity.reported_at)
                    return Refreshed(pod.pod_id, pod.pod_name)
                except UntrustedReport as refused:
                    observed = refused
            error = _told(observed)
            if not isinstance(observed, RefreshUnderWay):
                self._capacities.failed(pod.pod_id, at, error, _reachable(observed))
                if pod.capacity is None:
                    # Nothing counts there before the first report; claims end all the same.
                    self._settling.settle(pod, at)
                else:
                    self._settling.gather(pod.pod_id, at)
        except Exception as trouble:  # as for an observation: it must not end the round
            error = _told(trouble)
        observability.logger().warning("pod not refreshed", extra={"pod": pod.pod_name, "error": error})
        return Refreshed(pod.pod_id, pod.pod_name, error)

    def _save(self, pod: Pod, report: CapacityReport) -> None:
        """Keep a report before the claims that it covers are dropped.

        In between, a create sees them twice; the other way round it would miss them.
        """
        self._capacities.save(pod.pod_id, report)
        self._settling.settle(replace(pod, capacity=report.capacity), report.capacity.reported_at)

    def _too_slow(self, pod: Pod) -> PodUnreachable:
        message = f"{pod.pod_name} gave no report within {self._deadline_seconds:g} s"
        return PodUnreachable(pod.pod_id, message, sent=True)


def _reachable(error: Exception) -> bool | None:
    """Whether the pod answered; None when the refresh never came so far as to ask it."""
    if isinstance(error, PodUnreachable):
        return False
    return True if isinstance(error, UntrustedReport) else None


def _told(error: Exception) -> str:
    if isinstance(error, Trio2oError):
        return str(error)[:MOST_ERROR_LETTERS]
    # The unforeseen: operators get its kind, the log its trace.
    observability.logger().error("unforeseen error in a refresh", exc_info=error)
    return f"unforeseen error: {type(error).__name__}"
