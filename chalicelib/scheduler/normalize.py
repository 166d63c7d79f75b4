"""Normalise: bring every weigher's raw weights to one scale, so that multipliers can compare them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from chalicelib.scheduler.rule import Bounds


def by_bounds(raws: Iterable[float], bounds: Bounds) -> list[float]:
    """Clamp to the bounds and divide by the larger bound's size: into 0..1 or -1..0.

    What is no number at all counts as the lowest.
    """
    low, high = bounds
    size = max(abs(low), abs(high)) or 1.0
    bottom, top = low / size, high / size
    return [raw / size if low <= raw <= high else (top if raw > high else bottom) for raw in raws]


def plus_bounded(
    scores: Iterable[float], raws: Iterable[float], bounds: Bounds, multiplier: float
) -> list[float]:
    """Scores, each with its multiplied ``by_bounds`` weight added; in one go, as each create does it."""
    low, high = bounds
    size = max(abs(low), abs(high)) or 1.0
    bottom, top = low / size, high / size
    return [
        score + multiplier * (raw / size if low <= raw <= high else (top if raw > high else bottom))
        for score, raw in zip(scores, raws, strict=True)
    ]


def range_of(raws: Sequence[float]) -> Bounds:
    """The lowest and highest raw weight; infinities and what is no number don't count."""
    finite = [raw for raw in raws if isfinite(raw)]
    return Bounds(min(finite), max(finite)) if finite else Bounds(0.0, 0.0)


def by_range(raws: Sequence[float], seen: Bounds) -> list[float]:
    """Min-max, as Nova does: the lowest seen is 0.0 and the highest 1.0; all equal gives 0.0."""
    low, high = seen
    span = high - low
    if span <= 0:
        return [0.0] * len(raws)
    return [(raw - low) / span if low <= raw <= high else (1.0 if raw > high else 0.0) for raw in raws]
