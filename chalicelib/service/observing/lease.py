"""Lease: one refresh of all pods runs at a time, whatever the clock or the account does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from chalicelib.service.ports import Clock, LeaseStore

# After this time Lambda has ended the function. A lease that nobody gave back ends then, before the next
# minute's tick.
LEASE_SECONDS = 55


class Lease:
    """The right to observe all pods, which one process has at a time.

    The clock may deliver a tick twice or late, and not every account can reserve a single execution.
    """

    def __init__(self, store: LeaseStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Have the lease inside; False: another process has it now. Raises StoreBusy."""
        now = self._clock()
        until = now + timedelta(seconds=LEASE_SECONDS)
        ours = self._store.take(now, until)
        try:
            yield ours
        finally:
            if ours:
                self._store.give_back(until)
