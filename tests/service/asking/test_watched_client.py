"""Watched client: which calls count against a pod."""

from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.model.errors import NoWayIn, PodUnreachable
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


CREATE = PodRequest("POST", "/servers", body=b"{}")
OTHERS = [
    PodRequest("GET", "/servers"),
    PodRequest("GET", "/servers/detail?limit=1000"),
    PodRequest("POST", "/servers/s/action"),
    PodRequest("DELETE", "/servers/s"),
]
NO_CONNECTION = PodUnreachable("pod-a", "refused", sent=False)
SILENCE = PodUnreachable("pod-a", "timed out", sent=True)
PROXY = [
    PodReply(503, {}, b"<html>"),
    PodReply(502, {}, b"{}"),
    PodReply(504, {}, b""),
    PodReply(200, {}, b"<html>"),  # a login page
    PodReply(302, {"location": "https://login.example"}, b""),
    PodReply(500, {}, b"<html>"),
]


def failures_of(says, request=CREATE):
    noted = Noted()
    with suppress(PodUnreachable):
        WatchedClient(Sender(says), noted).send(a_pod("pod-a"), request)
    return noted


@pytest.mark.parametrize("request_", [CREATE, replace(CREATE, path="/servers?x=1"), *OTHERS])
def test_a_pod_that_nobody_can_connect_to_counts_whatever_is_asked(request_):
    assert failures_of(NO_CONNECTION, request_) == ["pod-a"]


@pytest.mark.parametrize("says", [SILENCE, *PROXY])
def test_a_create_without_a_reply_of_novas_counts_and_no_other_call(says):
    assert failures_of(says) == ["pod-a"]
    assert [failures_of(says, other) for other in OTHERS] == [[]] * len(OTHERS)


@pytest.mark.parametrize("silence", [NO_CONNECTION, SILENCE])
def test_a_call_that_began_too_late_says_nothing_of_the_pod(silence):
    assert failures_of(silence, replace(CREATE, read_timeout_seconds=2.0)) == ["pod-a"]
    assert failures_of(silence, replace(CREATE, read_timeout_seconds=1.9)) == []


@pytest.mark.parametrize(
    "says",
    [
        PodReply(202, {}, b"{}"),
        PodReply(413, {}, b"<html>"),  # else a tenant's large body would close a pod to all
        PodReply(400, {}, b"<html>"),
        PodReply(404, {}, b""),
        PodReply(403, {}, b"<html>"),  # nor would a script that a firewall doesn't like
        PodReply(500, {}, b'{"computeFault": {"code": 500}}'),
        PodReply(503, {"x-openstack-request-id": "req-9"}, b'{"serviceUnavailable": {"code": 503}}'),
        PodReply(
            503,
            {"x-openstack-request-id": "req-9"},
            b"<html>The Keystone service is temporarily unavailable.</html>",
        ),
    ],
)
def test_refusals_do_not_count(says):
    assert failures_of(says) == []


def test_only_compute_counts():
    assert failures_of(NO_CONNECTION, replace(OTHERS[0], service="volume")) == []


def test_it_sends_as_the_client_does():
    reply = PodReply(503, {}, b"<html>")
    pod, request = a_pod("pod-a"), PodRequest("GET", "/")

    assert WatchedClient(Sender(reply), Noted()).send(pod, request) is reply
    with pytest.raises(PodUnreachable) as error:
        WatchedClient(Sender(SILENCE), Noted()).send(pod, request)
    assert error.value is SILENCE


def test_one_projects_credential_that_fails_counts_against_no_pod():
    assert failures_of(NoWayIn("pod-a", "Keystone refuses the credential")) == []
