"""A Keystone that hangs, or says anything at all, costs a bounded time, and nobody waits for it in a row."""

import json
from contextlib import contextmanager
from threading import Event

import pytest

from chalicelib.adapters.openstack import login as module
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.login import SILENT_SECONDS, Login
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.model.errors import KeystoneUnavailable
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


def test_an_answer_that_trickles_in_ends_with_the_time_of_a_login(monkeypatch):
    monkeypatch.setattr(module, "LOGIN_SECONDS", 0.3)
    heard = Event()

    def trickle(handler):
        handler.send_response(201)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not heard.wait(0.05):  # each piece comes well within the time-out of one receive
            handler.wfile.write(b" ")

    with logging_in(trickle) as (token, _, _):
        try:
            with pytest.raises(KeystoneUnavailable):
                token()
        finally:
            heard.set()


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
