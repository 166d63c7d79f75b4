"""A signal interrupts once, never while something is being started, and is never lost."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, contextmanager

import pytest

from local import ending
from local.ending import SIGNALS, Ending


@pytest.fixture(autouse=True)
def handlers():
    """No test inherits a handler, such as the ignored hang-up of who runs under nohup; all are restored."""
    with ExitStack() as undo:
        for number in (*SIGNALS, signal.SIGALRM):
            undo.callback(signal.signal, number, signal.getsignal(number))
            signal.signal(number, signal.SIG_DFL)
        yield
        signal.setitimer(signal.ITIMER_REAL, 0)


def come(number=signal.SIGTERM):
    os.kill(os.getpid(), number)
    time.sleep(0)  # gives the interpreter a chance to run the handler


@contextmanager
def ended_by(error):
    """Several statements may be in here; one of them must raise this error."""
    with pytest.raises(error):
        yield


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_and_those_that_follow_do_not_disturb_the_leaving(number):
    ended, left = Ending(), []
    with ended_by(KeyboardInterrupt), ExitStack() as ends, ended.heard():
        ends.callback(lambda: (come(number), left.append("all of it")))
        come(number)
        left.append("never")

    assert left == ["all of it"]


def test_leaving_is_not_disturbed_either_when_no_signal_led_to_it():
    left = []
    with ExitStack() as ends, Ending().heard():
        ends.callback(lambda: (come(), left.append("all of it")))

    assert left == ["all of it"]


def test_what_was_begun_is_done_first():
    ended, done = Ending(), []
    with ended_by(KeyboardInterrupt), ended.heard():
        with ended.held_back():
            come()
            done.append("started")
        done.append("never")

    assert done == ["started"]


def test_what_fails_while_a_signal_is_held_back_fails():
    ended = Ending()
    with ended_by(LookupError), ended.heard(), ended.held_back():
        come()
        raise LookupError


def test_a_signal_that_was_swallowed_comes_again(monkeypatch):
    monkeypatch.setattr(ending, "AGAIN_SECONDS", 0.05)
    swallowed = []
    with ended_by(KeyboardInterrupt), Ending().heard():
        try:
            come()
        except KeyboardInterrupt:
            swallowed.append("as in a callback of the import system")
        time.sleep(10)

    assert swallowed


def test_who_was_told_to_ignore_hangups_ignores_them():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Ending().heard():
        come(signal.SIGHUP)
