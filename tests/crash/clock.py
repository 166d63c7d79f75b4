"""The virtual clock: nothing takes time but what says so, and what is to happen later happens in its turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from tests.builders import NOW


class VirtualClock:
    """The time of the gateway, of the pods and of the clients."""

    def __init__(self) -> None:
        self._now = NOW
        self._later: list[tuple[datetime, int, str, Callable[[], object]]] = []
        self._numbers = 0

    def __call__(self) -> datetime:
        return self._now

    def now(self) -> datetime:
        """The same, as the stand-in pods ask for it."""
        return self._now

    def later(self, seconds: float, what: str, action: Callable[[], object]) -> None:
        """Let something happen so many seconds from now."""
        self._numbers += 1
        heappush(self._later, (self._now + timedelta(seconds=seconds), self._numbers, what, action))

    def passes(self, seconds: float) -> None:
        """Let time go by, with all that was to happen meanwhile."""
        until = self._now + timedelta(seconds=seconds)
        while self._later and self._later[0][0] <= until:
            at, _, _, action = heappop(self._later)
            self._now = max(self._now, at)
            action()
        self._now = max(self._now, until)

    @property
    def to_come(self) -> list[tuple[datetime, str]]:
        """What is still to happen, and when."""
        return sorted((at, what) for at, _, what, _ in self._later)
