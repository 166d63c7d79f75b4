"""Locality: never a wrong pod, and no question asked twice."""

from dataclasses import replace

import pytest

from chalicelib.model.errors import Unavailable
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.service.asking import locality as locality_module
from tests.builders import SetClock, a_pod
from tests.service.asking.lookups import OTHER, Lookup, a_pod_that_lets_in, locality
from tests.service.desk import OPERATOR

NETWORK = NamedResource(Noun.NETWORK, "net-1")
VOLUME = NamedResource(Noun.VOLUME, "vol-1")
PODS = [a_pod("a"), a_pod("b"), a_pod("top", az_name="")]


@pytest.fixture
def clock():
    return SetClock()


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

    assert place.pins(OTHER, [NETWORK], PODS) == {}


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


def test_a_host_that_is_named_with_its_pod_is_asked_of_that_pod_alone_by_its_own_name(clock):
    lookup = Lookup(a=["cmp1"], b=["cmp1"])
    place = locality(lookup, clock)

    assert place.pins(OPERATOR, [NamedResource(Noun.HOST, "cmp1@B")], PODS) == {"host cmp1@B": {"b"}}
    assert [(pod_id, asked) for pod_id, asked, _ in lookup.asked] == [("b", "cmp1")]
    assert place.pins(OPERATOR, [NamedResource(Noun.HOST, "cmp1")], PODS) == {"host cmp1": {"a", "b"}}


def test_a_pod_with_a_keystone_of_its_own_is_asked_for_the_projects_that_it_lets_in(clock):
    lookup = Lookup(a=["vol-1"], b=["vol-1"])
    pods = [a_pod_that_lets_in("a", OPERATOR), a_pod_that_lets_in("b", OTHER)]

    assert locality(lookup, clock).pins(OPERATOR, [VOLUME], pods) == {"volume vol-1": {"a"}}
    assert [pod_id for pod_id, _, _ in lookup.asked] == ["a"]


def test_a_pod_that_is_not_heard_of_at_all_counts_as_one_that_does_not_answer(clock):
    class Stumbles(Lookup):
        def holds(self, pod, named, caller):
            if pod.pod_id == "a":
                raise ValueError("odd")
            return super().holds(pod, named, caller)

    with pytest.raises(Unavailable, match="network net-1"):
        locality(Stumbles(), clock).pins(OPERATOR, [NETWORK], PODS)
    assert locality(Stumbles(b=["net-1"]), clock).pins(OPERATOR, [NETWORK], PODS) == {"network net-1": {"b"}}


def test_at_its_bound_a_process_forgets_all_that_it_learned(clock, monkeypatch):
    monkeypatch.setattr(locality_module, "MOST_KNOWN", 2)
    lookup = Lookup(a=["net-1", "vol-1", "port-1"])
    place = locality(lookup, clock)
    port = NamedResource(Noun.PORT, "port-1")

    for named, asked in ((NETWORK, 2), (VOLUME, 4), (NETWORK, 4), (port, 6), (NETWORK, 8)):
        place.pins(OPERATOR, [named], PODS)
        assert len(lookup.asked) == asked
