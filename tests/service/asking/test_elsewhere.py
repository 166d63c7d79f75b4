"""Elsewhere: what a request about a server names in another pod is told by zones, and never by pods."""

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.service.asking.elsewhere import Elsewhere
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.locality import Locality
from tests.builders import SetClock, a_pod
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import roster_of

HERE, BESIDE = a_pod("pod-a", "az1"), a_pod("pod-b", "az1")
ELSEWHERE, FAR = a_pod("pod-c", "az2"), a_pod("pod-d", "az3")
PODS = (HERE, BESIDE, ELSEWHERE, FAR)
VOLUME, PORT = NamedResource(Noun.VOLUME, "vol-1"), NamedResource(Noun.PORT, "port-1")
HELP = (
    " A server can only use what is where it runs: use one that is there, or create a server that names this "
    "one, which goes to where it is."
)


class Lookup:
    """Pods by what they hold; one that holds None doesn't answer."""

    def __init__(self, **held):
        self.held = held

    def holds(self, pod, named, caller):
        held = self.held.get(pod.pod_id.replace("-", "_"), ())
        if held is None:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return named.resource_id in held


def told(*named, pods=PODS, **held):
    locality = Locality(Lookup(**held), FanOut(4), SetClock(), 5.0)
    return Elsewhere(locality, roster_of(*pods)).told(OPERATOR, HERE, named)


@pytest.mark.parametrize(
    ("held", "where"),
    [
        ({"pod_c": ["vol-1"]}, "in availability zone az2, and the server in az1"),
        (
            {"pod_d": ["vol-1"], "pod_c": ["vol-1"]},
            "in availability zones az2 and az3, and the server in az1",
        ),
        ({"pod_b": ["vol-1"]}, "in another part of availability zone az1 than the server"),
        (
            {"pod_b": ["vol-1"], "pod_c": ["vol-1"]},
            "in another part of availability zone az1 than the server",
        ),
    ],
)
def test_the_zones_of_what_is_elsewhere_are_told_with_what_helps(held, where):
    assert told(VOLUME, **held) == f"The volume vol-1 is {where}.{HELP}"


def test_what_is_here_too_is_not_elsewhere():
    assert told(VOLUME, pod_a=["vol-1"], pod_c=["vol-1"]) == ""


def test_of_several_the_first_that_is_elsewhere_is_told():
    text = told(PORT, VOLUME, pod_a=["port-1"], pod_c=["vol-1"])

    assert text.startswith("The volume vol-1 is in availability zone az2,")


@pytest.mark.parametrize("held", [{}, {"pod_b": None}])
def test_of_what_nobody_is_known_to_have_the_pods_own_words_must_do(held):
    assert told(VOLUME, **held) == ""


def with_glances(*urls):
    return [
        a_pod(f"pod-{number}", f"az{number}", endpoints={"image": url} if url else {})
        for number, url in enumerate(urls)
    ]


def of_image(here, pods):
    return Elsewhere(Locality(Lookup(), FanOut(1), SetClock(), 5.0), roster_of(*pods)).of_image(here)


def test_an_image_of_a_server_is_told_to_stay_in_its_zone_where_a_pod_has_another_glance():
    pods = with_glances("http://g/image", "http://g/image/v2/", "http://other")

    assert of_image(pods[1], pods) == (
        "The image is in availability zone az1, and servers made of it go there."
    )


@pytest.mark.parametrize("stranger", [{"proven": False}, {"az_name": ""}])
def test_where_all_pods_in_service_share_a_glance_an_image_is_everywhere(stranger):
    pods = with_glances("http://g/image", "http://g/image/v2/")
    other = a_pod("pod-x", **{"az_name": "az9", "endpoints": {"image": "http://other"}, **stranger})

    assert of_image(pods[0], [*pods, other]) == ""
