"""Deadline: until when a request must have its answer, whatever it waits for meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment (aware UTC), and the clock that runs towards it.

    It starts where the request arrives and travels with its caller: waits add up, so each one is
    given no more than what those before it have left.
    """

    at: datetime
    clock: Callable[[], datetime] = field(repr=False, compare=False)

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], datetime]) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(clock() + timedelta(seconds=seconds), clock)

    def left_seconds(self) -> float:
        """The seconds that are left; never below 0.0."""
        return max(0.0, (self.at - self.clock()).total_seconds())

    def at_most(self, seconds: float) -> float:
        """A wait of that many seconds, or of what is left if that is less."""
        return min(seconds, self.left_seconds())


# Background work answers nobody; its own time-outs bound it.
NO_DEADLINE = Deadline(datetime.max.replace(tzinfo=UTC), lambda: datetime.min.replace(tzinfo=UTC))
