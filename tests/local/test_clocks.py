"""The clocks, which call the app as EventBridge does."""

from __future__ import annotations

import threading

import pytest
from chalice.app import Chalice, Rate

from local.clocks import Clocks, every_tick, scheduled_tick


def test_the_first_tick_comes_at_once():
    ticked = threading.Event()
    clocks = Clocks(ticked.set, every_seconds=3600)
    clocks.start()

    assert ticked.wait(5)
    clocks.stop()


def test_a_tick_that_fails_is_logged_and_followed_by_the_next(caplog):
    enough = threading.Event()
    ticks = []

    def tick():
        ticks.append(len(ticks))
        if len(ticks) == 3:
            enough.set()
        raise ValueError("the pods are on holiday")

    clocks = Clocks(tick, every_seconds=0.01)
    clocks.start()

    assert enough.wait(5)
    clocks.stop()
    assert "the pods are on holiday" in caplog.text


def test_no_tick_starts_while_another_runs():
    running, most, enough = [], [], threading.Event()

    def tick():
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.03)  # three times as long as the pace of the clocks
        running.pop()
        if len(most) == 4:
            enough.set()

    clocks = Clocks(tick, every_seconds=0.01)
    clocks.start()

    assert enough.wait(5)
    clocks.stop()
    assert set(most) == {1}


def test_nothing_ticks_after_a_stop():
    ticks, first = [], threading.Event()

    def tick():
        ticks.append(1)
        first.set()

    clocks = Clocks(tick, every_seconds=0.05)
    clocks.start()
    assert first.wait(5)
    clocks.stop()
    counted = len(ticks)
    threading.Event().wait(0.15)

    assert len(ticks) == counted


def test_a_tick_runs_the_scheduled_handler_with_its_middleware():
    app = Chalice(app_name="small", configure_logs=False)
    seen = []

    @app.middleware("all")
    def watch(event, get_response):
        seen.append("middleware")
        return get_response(event)

    @app.schedule(Rate(1, unit=Rate.MINUTES), name="refresh_capacity")
    def refresh_capacity(event):
        seen.append((event.source, event.detail_type, bool(event.context.aws_request_id)))

    scheduled_tick(app)()

    assert seen == ["middleware", ("aws.events", "Scheduled Event", True)]


def test_a_clock_that_fails_stops_no_other():
    app = Chalice(app_name="small", configure_logs=False)
    ticked = []

    @app.schedule(Rate(1, unit=Rate.MINUTES), name="refresh_capacity")
    def refresh_capacity(event):
        ticked.append("refresh")

    @app.schedule(Rate(1, unit=Rate.MINUTES), name="wake_jobs")
    def wake_jobs(event):
        ticked.append("wake")
        raise ValueError("no queue")

    @app.schedule(Rate(1, unit=Rate.MINUTES), name="clean_keypairs")
    def clean_keypairs(event):
        ticked.append("clean")

    with pytest.raises(ValueError, match="no queue"):
        every_tick(app)()
    assert ticked == ["wake", "refresh", "clean"]
