"""Fills: how full many pods would be, worked out over their columns."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from chalicelib.model.amounts import RESOURCES
from chalicelib.model.columns import NOT_COUNTED, Columns
from chalicelib.model.pod import NOTHING

Floats = list[float]


class Fills:
    """``Pod.fraction_after`` and ``Pod.free_share_after`` for many pods at once, equal to the last bit."""

    def __init__(self, columns: Columns) -> None:
        """``columns`` are those of all pods; the methods take the places of the pods in question."""
        counted = (_counted(columns, resource) for resource in range(len(RESOURCES)))
        self._counted = [found for found in counted if found is not None]

    def fractions_after(self, places: Sequence[int], need: Sequence[float]) -> Floats:
        """The fullest resource's fill once the need is taken; the need as RESOURCES go."""
        worst = [0.0] * len(places)
        for resource, used, _, limits in self._counted:
            more = need[resource]
            filled = [(used[place] + more) / limits[place] for place in places]
            worst = [new if new > old else old for new, old in zip(filled, worst, strict=True)]
        return worst

    def free_shares_after(self, places: Sequence[int], need: Sequence[float]) -> Floats:
        """What is left of the scarcest resource, as a share of its limit."""
        least = [1.0] * len(places)
        for resource, _, room, limits in self._counted:
            more = need[resource]
            left = [(room[place] - more) / limits[place] for place in places]
            least = [new if new < old else old for new, old in zip(left, least, strict=True)]
        return least


def _counted(columns: Columns, resource: int) -> tuple[int, Floats, Floats, Floats] | None:
    """Use, room and limit of a resource, ready for plain division; None when no pod counts it.

    A limit that isn't counted is nan, which is never the fullest nor the scarcest.
    """
    limits = columns.limits[resource]
    if max(limits, default=NOT_COUNTED) == NOT_COUNTED:
        return None
    in_use = zip(columns.used[resource], columns.claimed[resource], strict=True)
    taken = [used + claimed for used, claimed in in_use]
    pairs = list(zip(taken, limits, strict=True))
    divisors = [nan if limit < 0 else float(limit or NOTHING) for limit in limits]
    uses = [float(amount or (0 if limit else NOTHING)) for amount, limit in pairs]
    rooms = [float(limit - amount) for amount, limit in pairs]
    return resource, uses, rooms, divisors
