"""Batch: a whole snapshot filtered and weighed for one request, by the plan for its class.

Gives what ``sift`` and ``rank`` give over the same pods, which is what the rules mean; a property test holds
both equal.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from typing import TypeVar, overload

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.decision import RejectedPod
from chalicelib.scheduler.lots import lot, pod_lot, project_lot
from chalicelib.scheduler.normalize import plus_bounded
from chalicelib.scheduler.plan import Plan, drift, plan_for
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.ranking import KEPT, ROUNDING, Ranking, Sifted, winner_of
from chalicelib.scheduler.rule import applies, weigh_all
from chalicelib.scheduler.sieve import sift

T = TypeVar("T")


def sift_and_rank(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Sifted | None:
    """The pods that pass with the best of them ranked, and the others; None: ask pod by pod."""
    plan = plan_for(snapshot, spec, profile)
    if plan is None:
        return None
    personal = snapshot.places_of(spec.singled_out)
    personal |= snapshot.unsettled | snapshot.changed
    passed, rejected = sift([snapshot[place] for place in sorted(personal)], spec, profile.rules)
    planned = personal & plan.passing
    field = _Field(snapshot, plan, passed)
    field.add_planned(planned, _cut(plan, len(planned), profile, drift(profile, spec, plan)))
    return Sifted(
        ranking=_ranked(field, spec, profile) if field.places else None,
        passed_count=len(passed) + len(plan.places) - len(planned),
        rejected=_merged(plan, snapshot, personal, rejected),
        counts=_counts(plan, snapshot, personal, rejected, profile),
    )


class _Field:
    """Who may win or be told: the personal pods that passed, then the best ordinary ones."""

    def __init__(self, snapshot: Snapshot, plan: Plan, passed: Sequence[Pod]) -> None:
        """``passed`` are the personal pods that did."""
        self.snapshot, self._plan, self._passed = snapshot, plan, passed
        self._passed_places = [snapshot.places[pod.pod_id] for pod in passed]
        self.places = self._passed_places
        self._cut = slice(0)
        self._kept: list[int] | None = None  # None: all of the cut

    def add_planned(self, personal: Set[int], cut: int) -> None:
        """The plan's best, without those of them that are personal."""
        self._cut = slice(cut)
        if personal:
            self._kept = [n for n in range(cut) if self._plan.places[n] not in personal]
        self.places = self._passed_places + self._of(self._plan.places)

    def scores(self, spec: RequestSpec, profile: Profile) -> list[float]:
        """What each has now; only what changes with the time is weighed again."""
        scores = [0.0] * len(self.places)
        for weigher, by in profile.preferences:
            if not by or not applies(weigher, spec):
                continue
            ordinary = self._plan.steady.get(weigher.name)
            if ordinary is not None:
                ordinary = self._of(ordinary)
            else:
                places = self.places[len(self._passed) :]
                ordinary = weigher.weigh_places(self.snapshot, places, spec)  # type: ignore[attr-defined]
            raws = weigh_all(weigher, self._passed, spec) + ordinary
            assert weigher.bounds is not None, "else there is no plan"
            scores = plus_bounded(scores, raws, weigher.bounds, by)
        return scores

    def lots(self) -> list[int]:
        """Each one's number in a draw."""
        return [pod_lot(pod.pod_id) for pod in self._passed] + self._of(self._plan.lots)

    def _of(self, column: list[T]) -> list[T]:
        return column[self._cut] if self._kept is None else [column[n] for n in self._kept]


def _cut(plan: Plan, planned: int, profile: Profile, moved: float) -> int:
    """How many of the plan's best may tie with the best or be among those kept.

    ``planned`` of its pods may be gone, which must not let anybody be overlooked.
    """
    negated = plan.negated
    if not negated:
        return 0
    best = negated[min(planned, len(negated) - 1)]
    last = negated[min(KEPT + planned, len(negated)) - 1]
    return bisect_right(negated, max(best + profile.tie_margin, last) + moved + 2 * ROUNDING)


def _ranked(field: _Field, spec: RequestSpec, profile: Profile) -> Ranking:
    columns, places = field.snapshot.columns, field.places
    project, lots = project_lot(spec.project_id), field.lots()

    def by_lot(n: int) -> tuple[int, str]:
        return lot(project, lots[n]), columns.ids[places[n]]

    def by_age(n: int) -> tuple[int, str]:
        return columns.created[places[n]], columns.ids[places[n]]

    scores = field.scores(spec, profile)
    order = by_age if profile.tie_break == "created_at" else by_lot
    winner = winner_of(scores, profile.tie_margin, order)
    return Ranking(PodsAt(field.snapshot, places), scores, {}, winner)


class PodsAt(Sequence[Pod]):
    """Some pods of a snapshot, which become objects when somebody asks for one."""

    def __init__(self, snapshot: Snapshot, places: Sequence[int]) -> None:
        """Those at these places, in this order."""
        self._snapshot, self._places = snapshot, places

    def __len__(self) -> int:
        """How many."""
        return len(self._places)

    @overload
    def __getitem__(self, n: int) -> Pod: ...

    @overload
    def __getitem__(self, n: slice) -> list[Pod]: ...

    def __getitem__(self, n: int | slice) -> Pod | list[Pod]:
        """One of them, or some."""
        if isinstance(n, slice):
            return [self._snapshot[place] for place in self._places[n]]
        return self._snapshot[self._places[n]]


def _merged(
    plan: Plan, snapshot: Snapshot, personal: Iterable[int], rejected: Sequence[RejectedPod]
) -> tuple[RejectedPod, ...]:
    """The plan's rejected pods, with what the rules now say about the personal ones, by pod id.

    Those of the plan are shared by all decisions of its class: a decision makes none of them.
    """
    gone = _gone(plan, snapshot, personal)
    if not gone and not rejected:
        return plan.rejected
    merged = list(plan.rejected)
    for place in sorted(gone, reverse=True):
        del merged[place]
    for pod in rejected:
        merged.insert(bisect_left(merged, pod.pod_id, key=lambda other: other.pod_id), pod)
    return tuple(merged)


def _gone(plan: Plan, snapshot: Snapshot, personal: Iterable[int]) -> list[int]:
    """Where personal pods are among those that the plan rejects."""
    ids, rejected_ids = snapshot.columns.ids, plan.rejected_ids
    found = ((bisect_left(rejected_ids, ids[place]), ids[place]) for place in personal)
    return [n for n, pod_id in found if n < len(rejected_ids) and rejected_ids[n] == pod_id]


def _counts(
    plan: Plan,
    snapshot: Snapshot,
    personal: Iterable[int],
    rejected: Sequence[RejectedPod],
    profile: Profile,
) -> dict[str, int]:
    """How many pods each filter stopped, in the filters' order."""
    counts = Counter(plan.counts)
    counts.subtract(plan.rejected[n].rejections[0].filter for n in _gone(plan, snapshot, personal))
    counts.update(pod.rejections[0].filter for pod in rejected)
    return {rule.name: counts[rule.name] for rule in profile.rules if counts[rule.name]}
