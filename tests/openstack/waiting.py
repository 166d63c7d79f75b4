"""Waiting: polls until a real cloud has done something, and fails at a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 120.0
PAUSE_SECONDS = 0.3


def until(what: str, look: Callable[[], T], seconds: float = SECONDS) -> T:
    """Call ``look`` until it returns something true, and return that. Fails the test after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s; seen last: {seen!r}")
        time.sleep(PAUSE_SECONDS)
