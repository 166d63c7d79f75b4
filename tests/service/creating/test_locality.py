"""Locality: never a wrong pod, and no question asked twice."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.creating.locality import Locality
from tests.builders import SetClock, a_pod
from tests.service.desk import OPERATOR

NETWORK = NamedResource(Noun.NETWORK, "net-1")
VOLUME = NamedResource(Noun.VOLUME, "vol-1")
PODS = [a_pod("a"), a_pod("b"), a_pod("top", az_name="")]


class Lookup:
    """Pods that hold what a test says; those that are down don't answer."""

    def __init__(self, **held):
        self.held, self.down, self.asked = held, set(), []

    def holds(self, pod, named, token, request_id):
        self.asked.append((pod.pod_id, named.resource_id, token))
        if pod.pod_id in self.down:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return named.resource_id in self.held.get(pod.pod_id, ())


@pytest.fixture
def clock():
    return SetClock()


def locality(lookup, clock, stretched=()):
    return Locality(lookup, FanOut(4), clock, 5.0, frozenset(stretched))


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
