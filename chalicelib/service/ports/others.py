"""Ports to all else: the clock, pauses, fresh ids, fingerprints, Keystone's tokens, and the queue of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chalicelib.model.identity import Identity


class Clock(Protocol):
    """Tells what time it is, as aware UTC."""

    def __call__(self) -> datetime: ...


class Ids(Protocol):
    """Makes fresh ids: random UUIDs in their dashed form."""

    def __call__(self) -> str: ...


class Pause(Protocol):
    """Lets some seconds go by, before what didn't succeed is tried again."""

    def __call__(self, seconds: float, /) -> None: ...


class Fingerprint(Protocol):
    """Reads public keys as Nova does."""

    def __call__(self, key_type: str, public_key: str) -> str:
        """Nova's fingerprint of a key. Raises InvalidField for a text that is no key of this type."""


class JobQueue(Protocol):
    """Carries a job's slices to whoever runs them, at least once each."""

    def send(self, job_id: str, turn: int, delay_seconds: int) -> None:
        """Send a slice, to be run after a delay of at most 900 s. Raises Unavailable."""


class TokenValidator(Protocol):
    """Asks Keystone whose a token is."""

    def validate(self, token: str) -> Identity:
        """The token's owner. Raises Unauthenticated, Forbidden or KeystoneUnavailable."""
