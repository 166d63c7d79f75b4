"""A Keystone that hangs, or says anything at all, costs a bounded time, and nobody waits for it in a row."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event

import pytest

from chalicelib.adapters import time_left
from chalicelib.adapters.openstack import login as module
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.login import SILENT_SECONDS, Login
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import KeystoneUnavailable
from chalicelib.wiring.adapters import now
from tests.adapters.openstack.http_pod import http_pod
from tests.builders import SetClock

SECRET = json.dumps({"username": "nova", "password": "pw", "project_name": "service"})


@contextmanager
def logging_in(answer):
    clock = SetClock()

    def seconds():
        return clock.now.timestamp()

    with http_pod(answer) as keystone:
        session = Wire(EndpointRules(allow_http=True), 0.5).session
        login = Login("pod1", SECRET, f"{keystone.url}/v3", seconds)
        yield lambda: login.token(session), clock, keystone


@contextmanager
def trickling():
    """A login at a Keystone whose answer never ends."""
    heard = Event()

    def trickle(handler):
        handler.send_response(201)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not heard.wait(0.05):  # each piece comes well within the time-out of one receive
            handler.wfile.write(b" ")
        handler.close_connection = True

    with logging_in(trickle) as world:
        try:
            yield world
        finally:
            heard.set()


def test_an_answer_that_trickles_in_ends_with_the_time_of_a_login(monkeypatch):
    monkeypatch.setattr(module, "LOGIN_SECONDS", 0.3)
    with trickling() as (token, _, keystone):
        for _ in range(2):
            with pytest.raises(KeystoneUnavailable):
                token()
        assert len(keystone.seen) == 1


def test_it_ends_with_the_time_of_the_request_which_tells_others_nothing(monkeypatch):
    monkeypatch.setattr(module, "LOGIN_SECONDS", 3600.0)
    hears = Event()

    def answer(handler):
        if not hears.is_set():
            hears.wait(10)
        handler.reply(503)

    with logging_in(answer) as (token, _, keystone):
        with time_left.serving(Deadline.after(0.3, now)), pytest.raises(KeystoneUnavailable):
            token()
        hears.set()
        heard = len(keystone.seen)
        with pytest.raises(KeystoneUnavailable):
            token()
        assert len(keystone.seen) > heard


def test_an_error_is_remembered_though_the_request_had_little_time():
    with logging_in(lambda handler: handler.reply(500)) as (token, _, keystone):
        for _ in range(3):
            with time_left.serving(Deadline.after(3.0, now)), pytest.raises(KeystoneUnavailable):
                token()
        assert len(keystone.seen) == 1


def eventually(true):
    return any(true() or Event().wait(0.02) for _ in range(500))


def test_who_waits_for_anothers_login_waits_no_longer_than_its_own_request(monkeypatch):
    monkeypatch.setattr(module, "LOGIN_SECONDS", 3600.0)
    with ThreadPoolExecutor(1) as pool, trickling() as (token, _, keystone):
        with time_left.serving(Deadline.after(30.0, now)):
            first = pool.submit(copy_context().run, token)
        assert eventually(lambda: keystone.seen)
        with time_left.serving(Deadline.after(0.1, now)), pytest.raises(KeystoneUnavailable):
            token()
        assert not first.done()


@pytest.mark.parametrize("said", [[], {"token": []}, {"token": {"catalog": 1, "roles": 7}}, {}, "token"])
def test_whatever_a_keystone_says_instead_of_a_token_is_a_keystone_that_is_silent(said):
    with (
        logging_in(lambda handler: handler.reply(201, said, X_Subject_Token="t")) as (token, _, _),
        pytest.raises(KeystoneUnavailable),
    ):
        token()


def test_who_waited_for_a_keystone_that_was_silent_does_not_ask_it_too():
    with logging_in(lambda handler: handler.reply(503)) as (token, clock, keystone):
        for _ in range(3):
            with pytest.raises(KeystoneUnavailable):
                token()
        assert len(keystone.seen) == 1

        clock.passes(SILENT_SECONDS)
        with pytest.raises(KeystoneUnavailable):
            token()
        assert len(keystone.seen) == 2
