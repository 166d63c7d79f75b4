"""Contenders: the pods of a snapshot that may win one request, or be told as its next best."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from typing import TypeVar, overload

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.lots import lot, pod_lot, project_lot
from chalicelib.scheduler.normalize import plus_bounded, span
from chalicelib.scheduler.plan import Plan
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_document import TieBreak
from chalicelib.scheduler.ranking import KEPT, ROUNDING, Ranking, winner_of
from chalicelib.scheduler.rule import HoldsFor

T = TypeVar("T")


def deep_enough(plan: Plan, gone: int, spec: RequestSpec, profile: Profile) -> int:
    """How many of the plan's best pods must be ranked, so that no possible winner, tie or kept pod is missed.

    ``gone`` says how many of the plan's pods don't compete. Time and the weighers that each request asks anew
    may also have moved scores since the plan was made.
    """
    negated = plan.negated
    if not negated:
        return 0
    open_weighers = (
        abs(by) * span(weigher.bounds)
        for weigher, by in profile.preferences
        if weigher.holds_for is HoldsFor.REQUEST
    )
    moved = plan.drift(spec, profile) + sum(open_weighers)
    best = negated[min(gone, len(negated) - 1)]
    last = negated[min(KEPT + gone, len(negated)) - 1]
    return bisect_right(negated, max(best + profile.tie_margin, last) + moved + 2 * ROUNDING)


class Contenders:
    """The passing pods: the personal ones first, then the plan's best but for those judged apart."""

    def __init__(
        self, snapshot: Snapshot, plan: Plan, passed: Sequence[Pod], apart: Set[int], depth: int
    ) -> None:
        """``depth``: the plan's first so many pods are taken, less those at the places ``apart``."""
        self._snapshot, self._plan, self._passed = snapshot, plan, passed
        self._depth = depth
        self._kept: list[int] | None = None  # None: all of them
        if apart & plan.passing:
            self._kept = [n for n in range(depth) if plan.places[n] not in apart]
        self.places = [snapshot.places[pod.pod_id] for pod in passed] + self._of(plan.places)

    def ranked(self, spec: RequestSpec, profile: Profile) -> Ranking:
        """All of them with their scores, and the winner; there is at least one."""
        scores = self._scores(spec, profile)
        order = self._by_age if profile.tie_break is TieBreak.CREATED_AT else self._by_lot(spec)
        winner = winner_of(scores, profile.tie_margin, order)
        return Ranking(_PodsAt(self._snapshot, self.places), scores, winner)

    def _scores(self, spec: RequestSpec, profile: Profile) -> list[float]:
        """What each has now; only what changes with the time or the request is weighed again."""
        scores = [0.0] * len(self.places)
        ordinary_places = self.places[len(self._passed) :]
        for weigher, by in profile.preferences:
            if not by or not weigher.applies(spec):
                continue
            steady = self._plan.steady.get(weigher.name)
            if steady is not None:
                ordinary = self._of(steady)
            else:
                ordinary = weigher.weigh_places(self._snapshot, ordinary_places, spec)
            raws = [weigher.weigh(pod, spec) for pod in self._passed] + ordinary
            scores = plus_bounded(scores, raws, weigher.bounds, by)
        return scores

    def _by_age(self, n: int) -> tuple[int, str]:
        columns, place = self._snapshot.columns, self.places[n]
        return columns.created[place], columns.ids[place]

    def _by_lot(self, spec: RequestSpec) -> Callable[[int], tuple[int, str]]:
        project, ids, places = project_lot(spec.project_id), self._snapshot.columns.ids, self.places
        lots = [pod_lot(pod.pod_id) for pod in self._passed] + self._of(self._plan.lots)
        return lambda n: (lot(project, lots[n]), ids[places[n]])

    def _of(self, column: list[T]) -> list[T]:
        return column[: self._depth] if self._kept is None else [column[n] for n in self._kept]


class _PodsAt(Sequence[Pod]):
    """Some pods of a snapshot, which become objects when somebody asks for one."""

    def __init__(self, snapshot: Snapshot, places: Sequence[int]) -> None:
        self._snapshot, self._places = snapshot, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, n: int) -> Pod: ...

    @overload
    def __getitem__(self, n: slice) -> list[Pod]: ...

    def __getitem__(self, n: int | slice) -> Pod | list[Pod]:
        if isinstance(n, slice):
            return [self._snapshot[place] for place in self._places[n]]
        return self._snapshot[self._places[n]]
