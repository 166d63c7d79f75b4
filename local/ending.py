"""Ending: turns the signals that end the program into a KeyboardInterrupt that can't get lost.

If the interrupt is raised while a thread or a process is being started, nobody ends what was started. So
start-up holds it back until the start is complete. If it is raised in a callback of the import system,
Python swallows it. So it is raised once more after two seconds.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN_SECONDS = 2.0


class Ending:
    """To be used in the main thread, as Python handles signals nowhere else."""

    def __init__(self) -> None:
        """Handle no signal yet; ``heard`` does."""
        self._holding = False
        self._came = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Let the first signal interrupt the block; later ones are ignored, so cleaning up is completed."""
        for number in (*SIGNALS, signal.SIGALRM):
            # SIGHUP is ignored already where nohup started us, and stays so.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            _hear_no_more()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Complete this block before a signal interrupts; one that came meanwhile interrupts after it."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._came:
            raise KeyboardInterrupt

    def _hear(self, number: int, frame: object) -> None:
        self._came = True
        _hear_no_more()
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        if not self._holding:
            raise KeyboardInterrupt


def _hear_no_more() -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
