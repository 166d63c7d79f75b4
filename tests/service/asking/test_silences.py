"""Silences: who was silent lately is asked last, and who answered since no longer."""

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.silences import Silences
from tests.builders import SetClock, a_pod
from tests.service.kinds.scripted_pods import ScriptedPods, proxy_page, reply

PODS = [a_pod("pod-a"), a_pod("pod-b"), a_pod("pod-c")]
LAST = [PODS[1], PODS[2], PODS[0]]
REQUEST = PodRequest("GET", "/flavors")
ANSWERS = [reply({"flavors": []}), reply({"itemNotFound": {"code": 404}}, 404)]
NO_ANSWERS = [proxy_page(200), reply({"aFault": {"code": 500}}, 500)]


def silences(says):
    clock, pods = SetClock(), ScriptedPods(pod_a=says)
    return Silences(pods, clock), pods, clock


@pytest.mark.parametrize("said", [*ANSWERS, *NO_ANSWERS])
def test_it_sends_as_the_client_does(said):
    client, pods, _ = silences(said)

    assert client.send(PODS[0], REQUEST) is said
    assert pods.asked == [("pod-a", REQUEST)]


@pytest.mark.parametrize("said", ANSWERS)
def test_a_pod_that_answers_keeps_its_place(said):
    client, _, _ = silences(said)
    client.send(PODS[0], REQUEST)

    assert client.last(PODS) == PODS


@pytest.mark.parametrize("said", [None, *NO_ANSWERS])
@pytest.mark.parametrize(("seconds", "order"), [(0, LAST), (29.9, LAST), (30, PODS)])
def test_a_pod_that_gave_no_answer_comes_last_for_half_a_minute(said, seconds, order):
    client, _, clock = silences(said)
    try:
        client.send(PODS[0], REQUEST)
    except PodUnreachable:
        assert said is None
    clock.passes(seconds)

    assert client.last(PODS) == order


@pytest.mark.parametrize("said", ANSWERS)
def test_a_pod_that_answers_again_has_its_place_again(said):
    client, pods, _ = silences(NO_ANSWERS[0])
    client.send(PODS[0], REQUEST)
    pods.by_pod["pod-a"] = said
    client.send(PODS[0], REQUEST)

    assert client.last(PODS) == PODS


def test_how_long_it_comes_last_can_be_said():
    clock = SetClock()
    client = Silences(ScriptedPods(pod_a=NO_ANSWERS[0]), clock, keep_seconds=5.0)
    client.send(PODS[0], REQUEST)
    clock.passes(4.9)
    assert client.last(PODS) == LAST
    clock.passes(0.1)
    assert client.last(PODS) == PODS
