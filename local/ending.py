"""Ending: the signals that end a program here, as a KeyboardInterrupt that can't get lost.

One that is raised while a thread or a process is being started leaves something behind that nobody ends,
and one that is raised in a callback of the import system is swallowed. So start-up holds them back, and
what was swallowed is raised again.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN_SECONDS = 2.0


class Ending:
    """The main thread's own; others never see a signal."""

    def __init__(self) -> None:
        """Nothing is listened to before ``heard``."""
        self._holding = False
        self._came = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """A signal interrupts what is done in here, once; leaving is finished whatever follows."""
        for number in (*SIGNALS, signal.SIGALRM):
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # else: nohup
                signal.signal(number, self._hear)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            _hear_no_more()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """What is begun in here is done before a signal interrupts."""
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
