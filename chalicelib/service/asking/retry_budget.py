"""Retry budget: how many requests may go on to another pod, since one could not be reached."""

from __future__ import annotations

from threading import Lock


class RetryBudget:
    """A share of the requests, so that pods which fail never double the load of those that answer.

    Each process has its own. ``most`` is what it has at its start, and what quiet hours leave it.
    """

    def __init__(self, share: float = 0.1, most: float = 10.0) -> None:
        """Of ``share`` 0.1, one request in ten may be sent once more."""
        self._share, self._most = share, most
        self._left = most
        self._lock = Lock()

    def asked(self) -> None:
        """Count a request that is sent for the first time."""
        with self._lock:
            self._left = min(self._most, self._left + self._share)

    def spend(self) -> bool:
        """Whether one may be sent once more; it is counted then."""
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True
