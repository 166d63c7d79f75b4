"""Clocks: they call the app's scheduled functions, as EventBridge does on AWS."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice.app import Chalice
from chalice.local import LambdaContext

MINUTE = 60.0
_REFRESH = "refresh_capacity"
_WAKE = "wake_jobs"
_CLEAN = "clean_keypairs"
_STOP_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Clocks:
    """Calls ``tick`` at once and then every ``every_seconds``, in one thread, so that no two ticks overlap.

    A tick that fails is logged, and the next one comes all the same.
    """

    def __init__(self, tick: Callable[[], object], every_seconds: float = MINUTE) -> None:
        """Prepare; the first tick comes with ``start``."""
        self._tick = tick
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clocks", daemon=True)

    def start(self) -> None:
        """Begin, with a first tick at once."""
        self._thread.start()

    def stop(self) -> None:
        """Tick no more; a tick that is running gets two seconds to end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                self._tick()
            except Exception:
                _log.exception("a tick of the clocks failed")
            self._stopping.wait(max(0.0, self._every_seconds - (time.monotonic() - started)))


def every_tick(app: Chalice) -> Callable[[], object]:
    """One tick of all the app's scheduled functions. If one fails, the others are called all the same."""
    refresh, wake, clean = (scheduled_tick(app, name) for name in (_REFRESH, _WAKE, _CLEAN))

    def tick() -> None:
        try:
            wake()
        finally:
            try:
                refresh()
            finally:
                clean()

    return tick


def scheduled_tick(app: Chalice, name: str = _REFRESH) -> Callable[[], object]:
    """One tick of one scheduled function, with its middleware, as Lambda runs it."""
    handler = app.handler_map[name]
    return lambda: handler(scheduled_event(name), LambdaContext(name, memory_size=512, max_runtime_ms=60_000))


def scheduled_event(name: str = _REFRESH) -> dict[str, Any]:
    """The event that EventBridge sends to this scheduled function."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": now,
        "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:123456789012:rule/{name}"],
        "detail": {},
    }
