"""DynamoDB's time counts in the deadline of the request that it is asked for."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.adapters import time_left
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import StoreBusy
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.rounds import Rounds
from tests.adapters.dynamodb.refusals import CONFLICT, Refusing, before_sending
from tests.builders import NOW, PROJECT, SetClock, a_pod


class Slow:
    """A DynamoDB that takes this long over each call, by a clock that only it moves."""

    def __init__(self, seconds, clock):
        self.seconds, self.clock, self.waited = seconds, clock, []

    @contextmanager
    def answering(self, watched):
        """In this block it answers all calls."""
        events = watched.client.meta.events
        events.register("before-send", self._answer)  # as our own handler, which comes first
        yield
        events.unregister("before-send", self._answer)

    def _answer(self, request, **_):
        waited = min(self.seconds, request.context["read_timeout"])
        self.clock.now += timedelta(seconds=waited)
        self.waited.append(round(waited, 3))
        if waited < self.seconds:
            raise ReadTimeoutError(endpoint_url="http://dynamodb")


@pytest.fixture
def clock():
    return SetClock()


def pod_ids(watched):
    return DynamoProjectStore(watched.database).pod_ids(PROJECT)


@pytest.mark.parametrize(
    ("seconds", "waited"), [(10.0, [2.9, 2.9, 2.9, 1.3]), (2.0, [2.0]), (5.8, [2.9, 2.9])]
)
def test_calls_share_what_the_request_has_left(watched, clock, seconds, waited):
    slow = Slow(2.9, clock)

    with (
        slow.answering(watched),
        time_left.serving(Deadline(NOW + timedelta(seconds=seconds), clock)),
        pytest.raises(StoreBusy, match="no time left"),
    ):
        list(iter(lambda: pod_ids(watched), None))

    assert slow.waited == waited


def test_with_nothing_left_nothing_is_sent(watched, clock):
    slow = Slow(0.0, clock)

    with slow.answering(watched), time_left.serving(Deadline(NOW, clock)):
        for read in (pod_ids, lambda watched: DynamoClaimStore(watched.database).read("pod-a")):
            with pytest.raises(StoreBusy, match="no time left"):
                read(watched)

    assert slow.waited == []


def test_no_pause_between_attempts_is_longer_than_what_is_left(watched, clock):
    with (
        before_sending(watched.client, "GetItem", Refusing(CONFLICT, times=99)),
        time_left.serving(Deadline(NOW + timedelta(seconds=0.03), clock)),
        pytest.raises(StoreBusy),
    ):
        pod_ids(watched)

    assert watched.pauses == [0.01, 0.02, 0.03, 0.03, 0.03]


@pytest.mark.parametrize("ask", ["fan-out", "rounds"])
def test_the_threads_that_ask_for_a_request_have_its_deadline(watched, clock, ask):
    heard = []

    def question(pod):
        with pytest.raises(StoreBusy, match="no time left"):
            pod_ids(watched)
        heard.append(pod)

    with time_left.serving(Deadline(NOW, clock)):
        if ask == "fan-out":
            FanOut(2).ask([a_pod()], question, 5.0)
        else:
            list(Rounds("test", question, 5.0).ask([a_pod()]))

    assert heard


def test_work_that_answers_nobody_has_the_usual_patience(watched, clock):
    slow = Slow(2.9, clock)

    with time_left.serving(Deadline(NOW, clock)):
        pass
    with slow.answering(watched):
        pod_ids(watched)

    assert slow.waited == [2.9]
