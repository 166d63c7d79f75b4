"""Resources: what a pod has, what is used of it, and what a request needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import floor

RESOURCES = ("vcpus", "ram_mb", "disk_gb", "instances")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Whole numbers of each resource: a need, a use, a claim or what is free."""

    vcpus: int = 0
    ram_mb: int = 0
    disk_gb: int = 0
    instances: int = 0

    def times(self, count: int) -> Amounts:
        """The same need ``count`` times over, as ``max_count`` asks for."""
        return Amounts(self.vcpus * count, self.ram_mb * count, self.disk_gb * count, self.instances * count)

    def part(self, count: int) -> Amounts:
        """What one of ``count`` equal servers takes of it, rounded down."""
        return Amounts(*(amount // count for amount in self))

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(a + b for a, b in zip(self, other, strict=True)))

    def __sub__(self, other: Amounts) -> Amounts:
        """What is left of each; below zero where it isn't enough."""
        return Amounts(*(a - b for a, b in zip(self, other, strict=True)))

    def __iter__(self) -> Iterator[int]:
        """The amounts in the order of RESOURCES."""
        return iter((self.vcpus, self.ram_mb, self.disk_gb, self.instances))


@dataclass(frozen=True, slots=True)
class Totals:
    """Usable totals of a pod; None means that the resource isn't counted (see docs/design.md, Limits)."""

    vcpus: int | None = None
    ram_mb: int | None = None
    disk_gb: int | None = None
    instances: int | None = None

    def less_headroom(self, headroom: float) -> Totals:
        """The limits that are left when the operator holds back a share of 0.0 to 1.0.

        It is reckoned in decimals, as the operator wrote the share: in binary, 90 % off 100 would leave 9.
        """
        if not headroom:
            return self
        left = 1 - Decimal(repr(headroom))
        return Totals(*(None if total is None else floor(total * left) for total in self))

    def up_to(self, watermark: float) -> Totals:
        """What may be taken under a watermark, a share of 0.0 to 1.0; in decimals too."""
        share = Decimal(repr(watermark))
        return Totals(*(None if total is None else floor(total * share) for total in self))

    def __iter__(self) -> Iterator[int | None]:
        """The totals in the order of RESOURCES."""
        return iter((self.vcpus, self.ram_mb, self.disk_gb, self.instances))


@dataclass(frozen=True, slots=True)
class Fill:
    """How full the fullest resource is, as a fraction of its limit; above 1.0 is over it."""

    resource: str
    fraction: float


def fullest(taken: Amounts, limits: Totals) -> Fill | None:
    """The resource with the highest fill, or None when no resource is counted.

    A limit of zero is full: fraction 1.0 with nothing taken, infinity with more.
    """
    worst: Fill | None = None
    for resource, amount, limit in zip(RESOURCES, taken, limits, strict=True):
        if limit is None:
            continue
        fraction = amount / limit if limit else _of_nothing(amount)
        if worst is None or fraction > worst.fraction:
            worst = Fill(resource, fraction)
    return worst


def _of_nothing(amount: int) -> float:
    return float("inf") if amount else 1.0
