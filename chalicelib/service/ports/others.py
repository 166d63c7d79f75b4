"""Ports to everything else: the clock, fresh ids, Keystone's tokens, and the queue of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chalicelib.model.identity import Identity


class Clock(Protocol):
    """Tells the time, as aware UTC."""

    def __call__(self) -> datetime:
        """Now."""


class Ids(Protocol):
    """Makes fresh ids."""

    def __call__(self) -> str:
        """A random UUID in its dashed form."""


class JobQueue(Protocol):
    """Carries a job's slices to whoever runs them, at least once each."""

    def send(self, job_id: str, turn: int, delay_seconds: int) -> None:
        """A slice, to be run after a delay of at most 900 s. Raises Unavailable."""


class TokenValidator(Protocol):
    """Keystone, as far as tokens go."""

    def validate(self, token: str) -> Identity:
        """Who this token is. Raises Unauthenticated, Forbidden or KeystoneUnavailable."""
