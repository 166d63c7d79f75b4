"""Clocks: the system's, and one that a test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, as aware UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class HandClock:
    """Stands still until it is advanced, so that a test decides when a build is done."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on by so many seconds."""
        self._now += timedelta(seconds=seconds)


def api_time(moment: datetime) -> str:
    """A moment as Nova's bodies write it, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def precise_time(moment: datetime) -> str:
    """A moment as Keystone and Nova's usage fields write it, in microseconds and without a zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
