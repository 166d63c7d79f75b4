"""Lease store in memory."""

from __future__ import annotations

from datetime import datetime
from threading import Lock


class MemoryLeaseStore:
    """Keeps until when the lease is taken."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._lock = Lock()

    def take(self, at: datetime, until: datetime) -> bool:
        """Take the lease if it is free ``at`` this moment; False when another process has it."""
        with self._lock:
            if self._until is not None and self._until > at:
                return False
            self._until = until
            return True

    def give_back(self, until: datetime) -> None:
        """End the lease that was taken ``until`` then; one that another process has taken since stays."""
        with self._lock:
            if self._until == until:
                self._until = None
