"""A request's waits add up: all of them share the time that API Gateway and Lambda leave us."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic, sleep

import pytest

from chalicelib import wiring
from chalicelib.model.identity import Identity
from local.standin.script import Trouble
from tests.journeys.conftest import IMAGE, Answer, Gateway

REQUEST_SECONDS = 3.0
A_BIT = 0.6  # seconds, for our own work


@pytest.fixture
def hurried(gateway: Gateway) -> Gateway:
    """A gateway that may take three seconds over a request, and any single call as long."""
    chosen = replace(wiring.settings(), request_seconds=REQUEST_SECONDS, search_timeout_seconds=1.5)
    wiring.use(wiring.build_services(gateway.stores, chosen), chosen)
    return gateway


def slow_keystone(gateway: Gateway, seconds: float) -> None:
    """Let Keystone take this long to validate a token."""
    tokens = gateway.stores.tokens
    validate = tokens.validate

    class Slow:
        def validate(self, token: str) -> Identity:
            sleep(seconds)
            return validate(token)

    chosen = wiring.settings()
    wiring.use(wiring.build_services(replace(gateway.stores, tokens=Slow()), chosen), chosen)


def timed(gateway: Gateway, method: str, path: str, body: object = None) -> tuple[Answer, float]:
    started = monotonic()
    answer = gateway.call(method, path, body)
    return answer, monotonic() - started


def slow(gateway: Gateway, path: str, seconds: float, method: str = "GET", times: int = 100) -> None:
    for pod in gateway.cloud.pods.values():
        pod.trouble(Trouble(path=path, method=method, delay_seconds=seconds, times=times))


def test_a_post_gets_what_the_validation_of_its_token_left(hurried: Gateway) -> None:
    slow_keystone(hurried, 0.9)
    slow(hurried, "/servers$", 8.0, "POST")
    order = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}}

    answer, seconds = timed(hurried, "POST", "/v2.1/servers", order)

    assert answer.status == 504
    assert seconds < REQUEST_SECONDS + A_BIT


def test_a_create_that_has_too_little_time_left_asks_no_pod(hurried: Gateway) -> None:
    slow_keystone(hurried, 1.4)
    order = {"server": {"name": "vm", "flavorRef": "1", "imageRef": IMAGE}}

    answer, _ = timed(hurried, "POST", "/v2.1/servers", order)

    assert answer.status == 503
    assert all(not pod.servers() for pod in hurried.cloud.pods.values())


def test_a_marker_that_is_slow_to_find_leaves_less_for_the_list(hurried: Gateway) -> None:
    marker = hurried.create().body["server"]["id"]
    slow(hurried, f"/servers/{marker}$", 1.5)
    slow(hurried, "/servers/detail", 8.0)

    answer, seconds = timed(hurried, "GET", f"/v2.1/servers/detail?marker={marker}")

    assert answer.status == 200
    assert answer.headers["x-trio2o-partial"]
    assert seconds < REQUEST_SECONDS + A_BIT


def test_a_search_leaves_less_for_the_call_that_it_was_for(hurried: Gateway) -> None:
    server_id = hurried.create().body["server"]["id"]
    hurried.stores.locations._locations.clear()  # type: ignore[attr-defined]
    slow(hurried, f"/servers/{server_id}$", 1.2)
    slow(hurried, "/action$", 8.0, "POST")

    answer, seconds = timed(
        hurried, "POST", f"/v2.1/servers/{server_id}/action", {"reboot": {"type": "SOFT"}}
    )

    assert answer.status == 504
    assert seconds < REQUEST_SECONDS + A_BIT


def test_pods_that_are_asked_one_after_another_share_the_time(hurried: Gateway) -> None:
    slow(hurried, "/flavors/1$", 8.0)

    answer, seconds = timed(hurried, "GET", "/v2.1/flavors/1")

    assert answer.status == 503
    assert seconds < REQUEST_SECONDS + A_BIT
