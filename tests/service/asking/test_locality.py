"""Locality: never a wrong pod, and no question asked twice."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.locality import Locality
from tests.builders import SetClock, a_pod
from tests.service.desk import OPERATOR

NETWORK = NamedResource(Noun.NETWORK, "net-1")
VOLUME = NamedResource(Noun.VOLUME, "vol-1")
PODS = [a_pod("a"), a_pod("b"), a_pod("top", az_name="")]


class Lookup:
    """Pods that hold what a test says; those that are down don't answer."""

    def __init__(self, **held):
        self.held, self.down, self.asked = held, set(), []

    def holds(self, pod, named, caller):
        self.asked.append((pod.pod_id, named.resource_id, caller.token))
        if pod.pod_id in self.down:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return named.resource_id in self.held.get(pod.pod_id, ())


@pytest.fixture
def clock():
    return SetClock()


def locality(lookup, clock, stretched=()):
    return Locality(lookup, FanOut(4), clock, 5.0, frozenset(stretched))


def test_what_an_admin_learned_no_member_of_the_same_project_is_told(clock):
    lookup = Lookup(b=["vol-1"])
    found = locality(lookup, clock)
    member = replace(OPERATOR, identity=replace(OPERATOR.identity, roles=frozenset({"member"})))

    assert found.pins(OPERATOR, [VOLUME], PODS)
    lookup.held = {}  # what the pods show to the member

    assert found.pins(member, [VOLUME], PODS) == {}


def test_each_resource_is_pinned_to_the_pods_that_hold_it(clock):
    lookup = Lookup(a=["net-1"], b=["vol-1"])

    pins = locality(lookup, clock).pins(OPERATOR, [NETWORK, VOLUME], PODS)

    assert pins == {"network net-1": {"a"}, "volume vol-1": {"b"}}
    assert {token for _, _, token in lookup.asked} == {"a-token"}
    assert "top" not in {pod_id for pod_id, _, _ in lookup.asked}


def test_a_request_that_names_nothing_asks_nobody(clock):
    lookup = Lookup()

    assert locality(lookup, clock).pins(OPERATOR, [], PODS) == {}
    assert lookup.asked == []


def test_what_was_learned_is_not_asked_again(clock):
    lookup = Lookup(a=["net-1"])
    place = locality(lookup, clock)
    place.pins(OPERATOR, [NETWORK], PODS)
    lookup.asked.clear()
    clock.passes(3599)

    assert place.pins(OPERATOR, [NETWORK], PODS) == {"network net-1": {"a"}}
    assert lookup.asked == []


def test_another_project_is_asked_for_with_its_own_token(clock):
    lookup = Lookup(a=["net-1"])
    place = locality(lookup, clock)
    place.pins(OPERATOR, [NETWORK], PODS)
    lookup.held = {}

    other = replace(OPERATOR, identity=replace(OPERATOR.identity, project_id="another"))
    assert place.pins(other, [NETWORK], PODS) == {}


def test_a_pod_that_does_not_answer_delays_no_resource_that_another_has(clock):
    lookup = Lookup(a=["net-1"])
    lookup.down = {"b"}

    assert locality(lookup, clock).pins(OPERATOR, [NETWORK], PODS) == {"network net-1": {"a"}}


def test_what_nobody_has_while_a_pod_is_silent_is_never_put_in_a_wrong_pod(clock):
    lookup = Lookup()
    lookup.down = {"b"}

    with pytest.raises(Unavailable, match="network net-1"):
        locality(lookup, clock).pins(OPERATOR, [NETWORK], PODS)


def test_what_no_pod_has_is_left_to_the_chosen_pods_own_answer(clock):
    lookup = Lookup()
    place = locality(lookup, clock)

    assert place.pins(OPERATOR, [NETWORK], PODS) == {}
    lookup.held = {"b": ["net-1"]}  # made meanwhile
    assert place.pins(OPERATOR, [NETWORK], PODS) == {"network net-1": {"b"}}


@pytest.mark.parametrize("stretched", [["net-1"], []])
def test_a_stretched_network_is_asked_again_after_a_minute(clock, stretched):
    lookup = Lookup(a=["net-1"])
    place = locality(lookup, clock, stretched)
    place.pins(OPERATOR, [NETWORK], PODS)
    lookup.held = {"a": ["net-1"], "b": ["net-1"]}
    clock.passes(60)

    expected = {"a", "b"} if stretched else {"a"}
    assert place.pins(OPERATOR, [NETWORK], PODS) == {"network net-1": expected}


IMAGE = NamedResource(Noun.IMAGE, "img-1")
FOURTH = a_pod("d", endpoints={"image": "http://d/image"})


def with_glances(**urls):
    return [a_pod(pod_id, endpoints={"image": url} if url else {}) for pod_id, url in urls.items()]


APART = with_glances(a="http://a/image", b="http://b/image/v2/", c="http://b/image")


def test_an_image_that_not_every_glance_has_pins_to_all_pods_that_share_one_which_has_it(clock):
    lookup = Lookup(b=["img-1"])

    assert locality(lookup, clock).pins(OPERATOR, [IMAGE], APART) == {"image img-1": {"b", "c"}}
    assert [pod_id for pod_id, _, _ in lookup.asked] == ["a", "b"]


@pytest.mark.parametrize(
    "urls", [{"a": "http://g/image", "b": "http://g/image/"}, {"a": "", "b": "http://b"}, {}]
)
def test_a_shared_glance_asks_nobody(clock, urls):
    lookup = Lookup()

    assert locality(lookup, clock).pins(OPERATOR, [IMAGE], with_glances(**urls)) == {}
    assert lookup.asked == []


def test_an_image_that_is_everywhere_is_asked_for_once_an_hour_for_all_projects(clock):
    lookup = Lookup(a=["img-1"], b=["img-1"])
    place = locality(lookup, clock)
    other = replace(OPERATOR, identity=replace(OPERATOR.identity, project_id="another"))

    assert [place.pins(caller, [IMAGE], APART) for caller in (OPERATOR, other, OPERATOR)] == [{}] * 3
    assert len(lookup.asked) == 2
    clock.passes(3600)
    place.pins(OPERATOR, [IMAGE], APART)
    assert len(lookup.asked) == 4


def test_a_new_pod_is_asked_whether_it_has_the_image_too(clock):
    lookup = Lookup(a=["img-1"], b=["img-1"])
    place = locality(lookup, clock)
    place.pins(OPERATOR, [IMAGE], APART)

    assert place.pins(OPERATOR, [IMAGE], [*APART, FOURTH]) == {"image img-1": {"a", "b", "c"}}


def test_a_silent_glance_keeps_no_server_from_its_pod_unless_the_image_is_known_not_to_be_everywhere(clock):
    pods = [*APART, FOURTH]
    lookup = Lookup(a=["img-1"], b=["img-1"])
    lookup.down = {"d"}
    place = locality(lookup, clock)

    assert place.pins(OPERATOR, [IMAGE], pods) == {}
    clock.passes(60)
    lookup.held = {"a": ["img-1"]}
    assert place.pins(OPERATOR, [IMAGE], pods) == {"image img-1": {"a"}}


def test_an_image_that_nobody_shows_while_a_glance_is_silent_is_worth_waiting_for(clock):
    lookup = Lookup()
    lookup.down = {"b"}

    with pytest.raises(Unavailable, match="image img-1"):
        locality(lookup, clock).pins(OPERATOR, [IMAGE], APART)


def test_a_pod_whose_glance_is_not_known_may_have_any_image(clock):
    pods = with_glances(a="http://a/image", b="http://b/image", c="")

    assert locality(Lookup(b=["img-1"]), clock).pins(OPERATOR, [IMAGE], pods) == {"image img-1": {"b", "c"}}


def test_a_host_that_is_named_with_its_pod_is_asked_of_that_pod_alone_by_its_own_name(clock):
    lookup = Lookup(a=["cmp1"], b=["cmp1"])
    place = locality(lookup, clock)

    assert place.pins(OPERATOR, [NamedResource(Noun.HOST, "cmp1@B")], PODS) == {"host cmp1@B": {"b"}}
    assert [(pod_id, asked) for pod_id, asked, _ in lookup.asked] == [("b", "cmp1")]
    assert place.pins(OPERATOR, [NamedResource(Noun.HOST, "cmp1")], PODS) == {"host cmp1": {"a", "b"}}
