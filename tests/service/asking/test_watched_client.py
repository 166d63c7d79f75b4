"""Watched client: which calls count against a pod."""

from contextlib import suppress

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.asking.watched_client import WatchedClient
from tests.builders import a_pod


class Noted(list):
    """Stands for the troubles, and lists the pods whose calls failed."""

    def call_failed(self, pod_id):
        self.append(pod_id)


class Sender:
    def __init__(self, says):
        self.says = says

    def send(self, pod, request):
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def failures_of(says, service="compute"):
    noted = Noted()
    with suppress(PodUnreachable):
        WatchedClient(Sender(says), noted).send(a_pod("pod-a"), PodRequest("GET", "/", service))
    return noted


SILENCE = PodUnreachable("pod-a", "timed out", sent=True)


@pytest.mark.parametrize(
    "says", [SILENCE, PodReply(503, {}, b"<html>"), PodReply(502, {}, b"{}"), PodReply(504, {}, b"")]
)
def test_silence_counts_and_so_does_a_proxy_that_speaks_for_a_dead_service(says):
    assert failures_of(says) == ["pod-a"]


@pytest.mark.parametrize(
    "says",
    [
        PodReply(200, {}, b"{}"),
        PodReply(413, {}, b"<html>"),  # else a tenant's large body would close a pod to all
        PodReply(404, {}, b""),
        PodReply(500, {}, b""),
        PodReply(503, {"x-openstack-request-id": "req-9"}, b"{}"),
    ],
)
def test_refusals_do_not_count(says):
    assert failures_of(says) == []


def test_only_compute_counts():
    assert failures_of(SILENCE, "volume") == []


def test_it_sends_as_the_client_does():
    reply = PodReply(503, {}, b"<html>")
    pod, request = a_pod("pod-a"), PodRequest("GET", "/")

    assert WatchedClient(Sender(reply), Noted()).send(pod, request) is reply
    with pytest.raises(PodUnreachable) as error:
        WatchedClient(Sender(SILENCE), Noted()).send(pod, request)
    assert error.value is SILENCE
