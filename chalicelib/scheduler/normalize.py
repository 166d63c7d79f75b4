"""Normalise: bring every weigher's raw weights to one scale, so that multipliers can compare them."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.scheduler.rule import Bounds


def by_bounds(raws: Iterable[float], bounds: Bounds) -> list[float]:
    """Clamp to the bounds and divide by the larger bound's size: into 0..1 or -1..0.

    What is no number at all counts as the lowest.
    """
    (low, high), size = bounds, bounds.size
    bottom, top = low / size, high / size
    return [raw / size if low <= raw <= high else (top if raw > high else bottom) for raw in raws]


def plus_bounded(
    scores: Iterable[float], raws: Iterable[float], bounds: Bounds, multiplier: float
) -> list[float]:
    """Scores, each with its multiplied ``by_bounds`` weight added; in one go, as each create does it."""
    (low, high), size = bounds, bounds.size
    bottom, top = low / size, high / size
    return [
        score + multiplier * (raw / size if low <= raw <= high else (top if raw > high else bottom))
        for score, raw in zip(scores, raws, strict=True)
    ]


def span(bounds: Bounds) -> float:
    """The most by which two normalised weights can differ."""
    return (bounds.high - bounds.low) / bounds.size
