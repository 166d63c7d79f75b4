"""Rates: how many requests and creates a project may make in a minute, so that one can't starve the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from threading import Lock
from typing import NamedTuple

from chalicelib import observability
from chalicelib.model.errors import NoPod, StoreBusy, TooMany
from chalicelib.model.identity import Caller, Role
from chalicelib.service.ports import Clock, RateStore

WINDOW_SECONDS = 60
# A process tells the others only each fifth of a project's requests in a minute: few projects make so many,
# and the others cost no write.
TOLD_EACH = 5
MOST_WINDOWS = 10_000  # kept in a process, a few dozen bytes each


class Limits(NamedTuple):
    """How many of each a project may make in a minute; 0: as many as it likes."""

    requests: int
    creates: int
    refused_creates: int


@dataclass(slots=True)
class _Window:
    """What was counted in a minute: by this process, of which the others were ``told``, and by the others."""

    minute: int
    mine: int = 0
    told: int = 0
    others: int = 0


class Rates:
    """Counts by project. Operators aren't limited: they are needed most when others are too many.

    Nor are OpenStack's services, which all share one project: a server waits for what Neutron tells of it.
    """

    def __init__(self, store: RateStore, clock: Clock, process_id: str, limits: Limits) -> None:
        """``process_id`` tells this process's counts from those of others."""
        self._store, self._clock, self._process_id, self._limits = store, clock, process_id, limits
        self._lock = Lock()
        self._windows: dict[str, _Window] = {}

    def request(self, caller: Caller) -> None:
        """Count a request. Raises TooMany."""
        self._count(caller, "requests", self._limits.requests)

    @contextmanager
    def create(self, caller: Caller) -> Iterator[None]:
        """Count a create, and also if no pod takes it: its decision is kept, and tables shall not fill.

        Raises TooMany, and what is raised inside.
        """
        self._count(caller, "refused-creates", self._limits.refused_creates, by=0)
        self._count(caller, "creates", self._limits.creates)
        try:
            yield
        except NoPod:
            with_others = self._counted(caller, "refused-creates", self._limits.refused_creates, by=1)
            observability.logger().debug("a create was refused", extra={"refused": with_others})
            raise

    def _count(self, caller: Caller, what: str, most: int, by: int = 1) -> None:
        counted = self._counted(caller, what, most, by)
        if most and counted >= most + by:
            seconds = WINDOW_SECONDS - self._clock().timestamp() % WINDOW_SECONDS
            raise TooMany(f"This project has made too many {what.replace('-', ' ')}.", ceil(seconds))

    def _counted(self, caller: Caller, what: str, most: int, by: int) -> int:
        """Count, and return how many there were in this minute, as far as this process knows."""
        if not most or caller.identity.may(Role.SERVICE):
            return 0
        minute = int(self._clock().timestamp() // WINDOW_SECONDS)
        key = f"{caller.identity.project_id}#{what}"
        with self._lock:
            window = self._windows.get(key)
            if window is None or window.minute != minute:
                if len(self._windows) >= MOST_WINDOWS:
                    self._windows.clear()
                window = self._windows[key] = _Window(minute)
            window.mine += by
            # Who is over the limit for this minute stays so, and costs no more writes.
            is_due = window.mine - window.told >= TOLD_EACH and window.mine + window.others <= most
            if is_due:
                window.told = window.mine
        if is_due:
            window.others = self._of_others(f"{key}#{minute}", window)
        return window.mine + window.others

    def _of_others(self, window_id: str, window: _Window) -> int:
        """What other processes counted. A store that can't tell must not turn anybody away."""
        until = datetime.fromtimestamp((window.minute + 2) * WINDOW_SECONDS, UTC)
        told = window.told
        try:
            return self._store.report(window_id, self._process_id, told, until) - told
        except StoreBusy:
            return window.others
