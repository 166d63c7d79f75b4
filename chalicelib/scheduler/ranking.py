"""Ranking: the pods that passed by their scores, and what each weigher says of the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import RejectedPod, WeighedPod, Weight
from chalicelib.scheduler.normalize import by_bounds
from chalicelib.scheduler.profile import Preference, Profile

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


@dataclass(frozen=True, slots=True)
class Ranking:
    """Pods that passed, with their scores in the same order, and the place of the winner among them."""

    pods: Sequence[Pod]
    scores: Sequence[float]
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


def weighed_pods(
    ranking: Ranking, places: Sequence[int], spec: RequestSpec, profile: Profile
) -> tuple[WeighedPod, ...]:
    """Some of the pods with all their weights, those whose multiplier is 0.0 too, in the profile's order."""
    pods = [ranking.pods[place] for place in places]
    columns = [_weights(pods, spec, preference) for preference in profile.preferences]
    rows = list(zip(*columns, strict=True)) or [()] * len(pods)
    scores = (ranking.scores[place] for place in places)
    return tuple(map(WeighedPod, pods, scores, rows))


def _weights(pods: Sequence[Pod], spec: RequestSpec, preference: Preference) -> list[Weight]:
    weigher, by = preference
    raws = [weigher.weigh(pod, spec) for pod in pods]
    normalised = by_bounds(raws, weigher.bounds)
    return [Weight(weigher.name, raw, value, by * value) for raw, value in zip(raws, normalised, strict=True)]


def winner_of(scores: Sequence[float], tie_margin: float, order: Callable[[int], Any]) -> int:
    """Of the places whose scores tie with the best, the one that comes first in the tie break's order."""
    lowest = max(scores) - tie_margin - ROUNDING
    tied = [place for place, score in enumerate(scores) if score >= lowest]
    return tied[0] if len(tied) == 1 else min(tied, key=order)
