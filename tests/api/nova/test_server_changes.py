"""Zones and hosts that a change of a server names, in the words of the server's pod."""

import json

import pytest

from chalicelib.api.nova.server_changes import in_its_words
from chalicelib.model import pod_host
from chalicelib.model.errors import InvalidField
from chalicelib.model.pod_request import PodRequest
from tests.builders import a_pod

POD = a_pod("pod-a", pod_name="Pod1", az_name="az1", pod_az_name="rack-7")
HERE, ELSEWHERE = pod_host.shown("Pod1", "compute1"), pod_host.shown("Pod2", "compute1")


def sent(body, pod=POD):
    request = PodRequest("POST", "/servers/1/action", body=json.dumps(body).encode())
    return json.loads(in_its_words(pod, request).body or b"")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"unshelve": {"availability_zone": "az1"}}, {"unshelve": {"availability_zone": "rack-7"}}),
        ({"server": {"pinned_availability_zone": "az1"}}, {"server": {"pinned_availability_zone": "rack-7"}}),
        ({"os-migrateLive": {"host": HERE}}, {"os-migrateLive": {"host": "compute1"}}),
        ({"migrate": {"host": HERE}}, {"migrate": {"host": "compute1"}}),
        ({"evacuate": {"host": HERE}}, {"evacuate": {"host": "compute1"}}),
        ({"unshelve": {"host": HERE}}, {"unshelve": {"host": "compute1"}}),
    ],
)
def test_a_zone_and_a_host_are_named_as_the_pod_names_them(ours, theirs):
    assert sent(ours) == theirs


def test_a_pod_without_a_zone_of_its_own_has_novas():
    pod = a_pod("pod-a", az_name="az1", pod_az_name="")

    assert sent({"unshelve": {"availability_zone": "az1"}}, pod) == {
        "unshelve": {"availability_zone": "nova"}
    }


@pytest.mark.parametrize(
    "body",
    [
        {"unshelve": {"availability_zone": "az2"}},
        {"unshelve": {"availability_zone": None}},
        {"unshelve": None},
        {"migrate": {"host": "compute1"}},
        {"server": {"name": "az1", "host": HERE}},
        {"rebuild": {"metadata": {"availability_zone": "az1", "host": HERE}}},
    ],
)
def test_all_else_stays_as_it_is(body):
    assert sent(body) == body


@pytest.mark.parametrize("action", ["migrate", "os-migrateLive", "evacuate", "unshelve"])
def test_a_host_of_another_pod_is_refused_in_plain_words(action):
    with pytest.raises(InvalidField, match=f"{ELSEWHERE} is not where the server is"):
        sent({action: {"host": ELSEWHERE}})


@pytest.mark.parametrize("body", [None, b"", b"[]", b'"zone"', b'{"host"', b'{"unshelve":{"host" :  "x"}}'])
def test_what_names_nothing_of_ours_keeps_every_byte(body):
    request = PodRequest("POST", "/servers/1/action", body=body)

    assert in_its_words(POD, request) is request
