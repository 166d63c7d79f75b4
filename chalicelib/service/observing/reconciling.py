"""Reconciling: each minute, creates that nobody heard of, strays, and locations that outlived servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TypeVar

from chalicelib import observability
from chalicelib.model.errors import Trio2oError
from chalicelib.model.intent import Intent
from chalicelib.model.pod import Pod
from chalicelib.model.stray import Stray
from chalicelib.service.asking.rounds import Rounds
from chalicelib.service.observing.cells import Cells
from chalicelib.service.observing.census import Census
from chalicelib.service.observing.concluding import Concluding
from chalicelib.service.observing.strays import Strays
from chalicelib.service.ports import Clock, IntentStore, PodStore, StrayStore

T = TypeVar("T")
P = TypeVar("P", Intent, Stray)

MOST_INTENTS = 500  # that one round looks at
MOST_OF_POD = 20


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a round left: creates whose outcome isn't known though they are settled, and strays."""

    unsettled: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Asks each pod for ``deadline_seconds`` at most. What a round can't do, the next one does."""

    pods: PodStore
    intents: IntentStore
    strays: StrayStore
    concluding: Concluding
    looking_after: Strays
    census: Census
    cells: Cells
    clock: Clock
    deadline_seconds: float = 15.0
    workers: int = 32

    def run(self) -> Reconciled:
        """One round. Raises StoreBusy when it can't be known what there is to do."""
        intents, strays = self._due(), self.strays.list()
        pods = self.pods.list()
        known = {pod.pod_id for pod in pods}
        for intent in intents:
            if intent.pod_id not in known:
                self.concluding.abandon(intent)
        for stray in strays:
            if stray.pod_id not in known:
                self.strays.forget(stray.server_id)
        rounds = Rounds(
            "reconcile",
            lambda pod: self._look(pod, _of(pod, intents), _of(pod, strays)),
            self.deadline_seconds,
            self.workers,
        )
        # A pod that isn't asked, or is too slow to tell, leaves what it had.
        left = {pod.pod_id: Reconciled(len(_of(pod, intents)), len(_of(pod, strays))) for pod in pods}
        for pod, outcome in rounds.ask(pod for pod in pods if pod.az_name and pod.proven):
            if isinstance(outcome, Reconciled):
                left[pod.pod_id] = outcome
        done = Reconciled(sum(x.unsettled for x in left.values()), sum(x.strays for x in left.values()))
        observability.count_reconciled(done.unsettled, done.strays)
        return done

    def _due(self) -> Sequence[Intent]:
        """Those that are settled longest, and those that were settled last.

        A pod that proves nothing may have very many old ones for days, which keep no new ones waiting.
        """
        now, half = self.clock(), MOST_INTENTS // 2
        found = [*self.intents.posting(now, half), *self.intents.posting(now, half, newest=True)]
        return list({intent.slot: intent for intent in found}.values())

    def _look(self, pod: Pod, intents: Sequence[Intent], strays: Sequence[Stray]) -> Reconciled:
        """What one pod leaves; whatever goes wrong there is told, and keeps nothing else from being done."""
        now = self.clock()
        sees_all = cache(lambda: self.cells.are_up(pod))
        concluded = [
            _tried(pod, partial(self.concluding.conclude, pod, intent, sees_all))
            for intent in _in_turn(intents, now)[:MOST_OF_POD]
        ]
        strays_left = _tried(pod, partial(self.looking_after.look, pod, _in_turn(strays, now)))
        _tried(pod, partial(self.census.look, pod, sees_all))
        return Reconciled(
            unsettled=len(intents) - concluded.count(True),
            strays=len(strays) if strays_left is None else strays_left,
        )


def _of(pod: Pod, found: Sequence[P]) -> Sequence[P]:
    """Those that are in a pod."""
    return [each for each in found if each.pod_id == pod.pod_id]


def _in_turn(found: Sequence[P], now: datetime) -> Sequence[P]:
    """The same, with others in front each minute, since a round doesn't come to all of very many."""
    start = int(now.timestamp() // 60) * MOST_OF_POD % max(1, len(found))
    return list(found[start:]) + list(found[:start]) if len(found) > MOST_OF_POD else found


def _tried(pod: Pod, deed: Callable[[], T]) -> T | None:
    """What it returns; None where it couldn't be done."""
    try:
        return deed()
    except Exception as error:
        unforeseen = error if not isinstance(error, Trio2oError) else None
        extra = {"pod": pod.pod_name, "error": f"{type(error).__name__}: {error}"}
        observability.logger().warning("not reconciled", extra=extra, exc_info=unforeseen)
        return None
