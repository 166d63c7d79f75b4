"""Capacity: every pod observed once a round, so that creates choose by fresh numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from chalicelib import observability
from chalicelib.model.capacity import UNDER_WAY, CapacityReport, Refreshed
from chalicelib.model.errors import AlreadyAsked, PodUnreachable, Trio2oError, UntrustedReport
from chalicelib.model.microversion import spoken_by
from chalicelib.model.pod import Pod
from chalicelib.service.asking.rounds import Rounds
from chalicelib.service.observing.adoption import Adoption
from chalicelib.service.observing.follow_up import Followed, FollowUp
from chalicelib.service.observing.settling import Settling
from chalicelib.service.ports import CapacityReader, CapacityStore, Clock, PodStore

MOST_ERROR_LETTERS = 300


@dataclass(frozen=True, slots=True)
class RefreshRound:
    """How a round went: each pod, the seconds that all took together, and the failed builds that are new."""

    pods: tuple[Refreshed, ...]
    seconds: float

    failed_builds: int = 0

    @property
    def failed(self) -> tuple[Refreshed, ...]:
        """The pods that gave no good report; what they reported last stays."""
        return tuple(pod for pod in self.pods if pod.error)


class _Observed(NamedTuple):
    """What a look at a pod gave: its new servers, seen first, and its report or why there is none."""

    followed: Followed
    report: CapacityReport | Exception


class CapacityRefresh:
    """Keeps what pods report. A failure is noted, and the last good report stays and ages.

    Pods of any state are observed: a drained one may be enabled at any moment.
    """

    def __init__(
        self,
        pods: PodStore,
        capacities: CapacityStore,
        reader: CapacityReader,
        clock: Clock,
        *,
        settling: Settling,
        follow_up: FollowUp,
        adoption: Adoption,
        deadline_seconds: float,
        workers: int,
        answered: Callable[[str, datetime], None],
        publish: Callable[[], None],
    ) -> None:
        """``workers`` pods are observed at once, each for ``deadline_seconds`` at most.

        ``answered`` is told of each pod that gave a report, and when the look at it began; ``publish``
        makes creates see what a round found.
        """
        self._pods = pods
        self._capacities = capacities
        self._reader = reader
        self._clock = clock
        self.settling = settling
        self._follow_up = follow_up
        self._adoption = adoption
        self._answered = answered
        self._publish = publish
        self._deadline_seconds = deadline_seconds
        self._rounds = Rounds("refresh", self._observe, deadline_seconds, workers)

    def refresh_all(self) -> RefreshRound:
        """One round over every pod; raises only when the pods can't be listed.

        The top region is left out: it is no pod but we ourselves, and has no capacity.
        """
        done = self._round([pod for pod in self._pods.list() if pod.az_name])
        observability.count_refresh(len(done.pods) - len(done.failed), len(done.failed), done.seconds)
        return done

    def refresh(self, pod_id: str) -> Refreshed:
        """Observe one pod now. Raises NotFound; any other failure is in the answer."""
        return self._round([self._pods.get(pod_id)]).pods[0]

    def _round(self, pods: Sequence[Pod]) -> RefreshRound:
        started, at = monotonic(), self._clock()
        done: list[Refreshed] = []
        failed_builds = 0
        for pod, outcome in self._rounds.ask(pods):
            observed = outcome if isinstance(outcome, _Observed) else _Observed(Followed(), outcome)
            failed_builds += observed.followed.failed_builds
            done.append(self._record(pod, observed, at))
        self._publish()
        return RefreshRound(tuple(done), round(monotonic() - started, 3), failed_builds)

    def _observe(self, pod: Pod) -> _Observed:
        # The new servers first: what has a host by now, the report that is read next counts.
        started, followed = monotonic(), self._follow_up.look(pod)
        report = self._report(pod)
        # A report that took long is kept before its deadline; servers can be looked through next time.
        if not isinstance(report, PodUnreachable) and monotonic() - started < self._deadline_seconds / 2:
            self._adoption.look(pod)
        return _Observed(followed, report)

    def _report(self, pod: Pod) -> CapacityReport | Exception:
        try:
            # The list of pods leaves out hosts, whose last known sizes a report needs.
            capacity, _, _ = self._capacities.get(pod.pod_id)
            report = self._reader.read(replace(pod, capacity=capacity))
            return replace(report, generation=pod.generation)
        except Exception as error:  # what became of new servers is known all the same
            return error

    def _record(self, pod: Pod, observed: _Observed, at: datetime) -> Refreshed:
        """Write how a pod fared in the round that began at ``at``."""
        try:
            error = self._write(pod, observed.followed, observed.report, at)
        except Exception as trouble:  # the trouble of one pod must not end the round
            error = _reason(pod, trouble)
        if error:
            observability.logger().warning("pod not refreshed", extra={"pod": pod.pod_name, "error": error})
        return Refreshed(pod.pod_id, pod.pod_name, error)

    def _write(self, pod: Pod, followed: Followed, observed: CapacityReport | Exception, at: datetime) -> str:
        """Keep a report, or note a failure and return its reason."""
        if isinstance(observed, CapacityReport):
            try:
                self._save(pod, followed, observed)
                return ""
            except UntrustedReport as refused:
                observed = refused
        reason = _reason(pod, observed)
        if not isinstance(observed, AlreadyAsked):  # that error says nothing about the pod
            self._capacities.failed(pod.pod_id, at, reason, _reachable(observed))
            if pod.capacity is None:
                # A pod that never reported counts as free, but its claims must end all the same.
                self.settling.settle(pod, at, followed.freed(), followed.waiting())
            else:
                self.settling.gather(pod.pod_id, at, followed.freed())
        return reason

    def _save(self, pod: Pod, followed: Followed, report: CapacityReport) -> None:
        """Keep a report before the claims that it covers end. Raises UntrustedReport.

        In between, a create counts their servers twice; in the other order it would miss them.
        """
        observed_at = report.capacity.reported_at
        if observed_at > self._clock():
            raise UntrustedReport("the report is dated in the future")
        self._capacities.save(pod.pod_id, _not_narrower(pod, report))
        ended = followed.ended(report.capacity.source)
        reported = replace(pod, capacity=report.capacity)
        self.settling.settle(reported, observed_at, ended, followed.waiting())
        self._answered(pod.pod_id, observed_at)


def _not_narrower(pod: Pod, report: CapacityReport) -> CapacityReport:
    """The report with the microversions that the pod spoke before, if it says now that it speaks fewer.

    What clients may speak is what all pods do, so by one number a pod would take the API away from all
    tenants. An operator may accept that, by ``force``, when the pod proves itself anew.
    """
    before = spoken_by(pod)
    told = replace(pod, min_microversion=report.min_microversion, max_microversion=report.max_microversion)
    now = spoken_by(told)
    if before is None or (now is not None and now.covers(before)):
        return report
    numbers = {"pod": pod.pod_name, "before": str(before), "now": str(now)}
    observability.logger().error("a pod speaks fewer microversions; its record stays", extra=numbers)
    return replace(report, min_microversion=pod.min_microversion, max_microversion=pod.max_microversion)


def _reachable(error: Exception) -> bool | None:
    """Whether the pod answered; None when the error doesn't tell, as when Keystone is down."""
    if isinstance(error, PodUnreachable):
        return False
    return True if isinstance(error, UntrustedReport) else None


def _reason(pod: Pod, error: Exception) -> str:
    """An error in words for operators. Of an unforeseen one they get the type; its trace is logged."""
    if isinstance(error, AlreadyAsked):
        return f"{pod.pod_name} {UNDER_WAY}"
    if isinstance(error, Trio2oError):
        return str(error)[:MOST_ERROR_LETTERS]
    observability.logger().error("unforeseen error in a refresh", exc_info=error)
    return f"unforeseen error: {type(error).__name__}"
