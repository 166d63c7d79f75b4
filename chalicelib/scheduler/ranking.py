"""Ranking: weigh the pods that passed, and say which is best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import RejectedPod, WeighedPod, Weight
from chalicelib.scheduler.lots import lot, pod_lot, project_lot
from chalicelib.scheduler.normalize import by_bounds, by_range, plus_bounded, range_of
from chalicelib.scheduler.profile import Preference, Profile
from chalicelib.scheduler.rule import Bounds, Weigher, applies, weigh_all

KEPT = 16
ROUNDING = 1e-9  # a score is a sum of floats: exactly at the tie margin must still tie


@dataclass(frozen=True, slots=True)
class Sifted:
    """What filters and weighers make of all pods; ``ranking`` is None when none passed.

    ``rejected`` is sorted by pod id; ``counts`` says how many each filter stopped, in their order.
    """

    ranking: Ranking | None
    passed_count: int
    rejected: Sequence[RejectedPod]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Ranking:
    """The pods that passed, with their scores in the same order, and the best of them.

    ``ranges`` are those of the raw weights of weighers without bounds.
    """

    pods: Sequence[Pod]
    scores: Sequence[float]
    ranges: Mapping[str, Bounds]
    winner: int

    def best(self, limit: int = KEPT) -> list[int]:
        """Places in ``pods``: the winner, then the highest scores, at most ``limit`` in all.

        Equal scores go by pod id. The highest score is always among them, so a replay of these
        alone finds the same pods tied.
        """
        scores, pods = self.scores, self.pods
        lowest = nlargest(limit, scores)[-1]
        places = [place for place, score in enumerate(scores) if score >= lowest]
        places.sort(key=lambda place: (-scores[place], pods[place].pod_id))
        others = [place for place in places if place != self.winner]
        return [self.winner, *others[: limit - 1]]


def rank(
    pods: Sequence[Pod], spec: RequestSpec, profile: Profile, ranges: Mapping[str, Bounds] | None = None
) -> Ranking:
    """Weigh pods, of which there is at least one, and find the winner.

    ``ranges`` stand in for those of the pods at hand when only some of the weighed pods are left.
    """
    seen = dict(ranges or {})
    scores = [0.0] * len(pods)
    for weigher, multiplier in profile.preferences:
        if multiplier and applies(weigher, spec):
            raws = weigh_all(weigher, pods, spec)
            if weigher.bounds is not None:
                scores = plus_bounded(scores, raws, weigher.bounds, multiplier)
            else:
                column = _normalised(weigher, raws, seen)
                scores = [score + multiplier * weight for score, weight in zip(scores, column, strict=True)]
    winner = winner_of(scores, profile.tie_margin, _tie_break(pods, spec, profile))
    return Ranking(pods, scores, seen, winner)


def weighed_pods(
    ranking: Ranking, places: Sequence[int], spec: RequestSpec, profile: Profile
) -> tuple[WeighedPod, ...]:
    """Some of the pods with all their weights, those whose multiplier is 0.0 too, in the profile's order."""
    pods = [ranking.pods[place] for place in places]
    columns = [_weights(pods, spec, preference, ranking.ranges) for preference in profile.preferences]
    rows = list(zip(*columns, strict=True)) or [()] * len(pods)
    scores = (ranking.scores[place] for place in places)
    return tuple(map(WeighedPod, pods, scores, rows))


def _weights(
    pods: Sequence[Pod], spec: RequestSpec, preference: Preference, ranges: Mapping[str, Bounds]
) -> list[Weight]:
    """What one weigher says about pods; its range may not be known, when it doesn't count."""
    (weigher, by), seen = preference, dict(ranges)
    raws = weigh_all(weigher, pods, spec)
    normalised = _normalised(weigher, raws, seen)
    return [Weight(weigher.name, raw, value, by * value) for raw, value in zip(raws, normalised, strict=True)]


def _normalised(weigher: Weigher, raws: Sequence[float], seen: dict[str, Bounds]) -> list[float]:
    if weigher.bounds is not None:
        return by_bounds(raws, weigher.bounds)
    if weigher.name not in seen:
        seen[weigher.name] = range_of(raws)
    return by_range(raws, seen[weigher.name])


def winner_of(scores: Sequence[float], tie_margin: float, order: Callable[[int], Any]) -> int:
    """Of the places whose scores tie with the best, the one that comes first in the tie break's order."""
    lowest = max(scores) - tie_margin - ROUNDING
    tied = [place for place, score in enumerate(scores) if score >= lowest]
    return tied[0] if len(tied) == 1 else min(tied, key=order)


def _tie_break(pods: Sequence[Pod], spec: RequestSpec, profile: Profile) -> Callable[[int], Any]:
    project = project_lot(spec.project_id)

    def by_age(place: int) -> Any:
        return pods[place].created_at, pods[place].pod_id

    def by_lot(place: int) -> Any:
        pod_id = pods[place].pod_id
        return lot(project, pod_lot(pod_id)), pod_id

    return by_age if profile.tie_break == "created_at" else by_lot
