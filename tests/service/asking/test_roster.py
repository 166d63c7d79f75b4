"""Roster: the pods as this process read them lately, and which of them are for whom."""

from dataclasses import replace

import pytest

from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.model.errors import NotFound
from chalicelib.model.microversion import MicroversionRange
from chalicelib.model.pod import PodState
from chalicelib.service.asking.roster import Roster
from tests.builders import PROJECT, SetClock, a_hybrid_pod, a_pod
from tests.service.desk import OPERATOR

OTHERS = frozenset({"other"})
POD = a_pod("pod-a")


class CountedStore(MemoryPodStore):
    """A store that counts how often all pods are read, and one."""

    reads = gets = 0

    def get(self, pod_id):
        self.gets += 1
        return super().get(pod_id)

    def list(self):
        self.reads += 1
        return super().list()


def roster_of(*pods, cache_seconds=5.0):
    clock, store = SetClock(), CountedStore(pods)
    return Roster(store, clock, cache_seconds), store, clock


def ids(pods):
    return [pod.pod_id for pod in pods]


def test_pods_are_read_once_until_they_are_too_old():
    roster, store, clock = roster_of(POD)

    for seconds, reads in ((0, 1), (4.9, 1), (0.1, 2), (4.9, 2)):
        clock.passes(seconds)
        assert roster.all() == [POD]
        assert store.reads == reads, f"after {seconds} more seconds"


def test_they_are_read_again_when_the_clock_went_back():
    roster, store, clock = roster_of(POD)
    roster.all()
    clock.passes(-1)

    assert (roster.all(), store.reads) == ([POD], 2)


def test_they_are_read_again_after_an_operators_change():
    roster, store, _ = roster_of(POD)
    roster.all()
    roster.forget()

    assert (roster.all(), store.reads) == ([POD], 2)


def test_a_pod_that_is_newer_than_the_roster_is_read_from_the_store():
    roster, store, _ = roster_of(POD)
    roster.all()
    store.create(a_pod("pod-b"))

    assert (roster.pod("pod-a"), store.gets) == (POD, 0)
    assert (roster.pod("pod-b"), store.gets, store.reads) == (a_pod("pod-b"), 1, 1)
    with pytest.raises(NotFound):
        roster.pod("pod-c")


def test_all_are_read_again_where_one_that_is_wanted_is_not_known_yet():
    roster, store, _ = roster_of(POD, a_pod("pod-b"))
    assert (ids(roster.of(frozenset({"pod-b"}))), store.reads) == (["pod-b"], 1)
    assert (ids(roster.of(frozenset({"pod-b", "pod-a"}))), store.reads) == (["pod-a", "pod-b"], 1)
    store.create(a_pod("pod-c"))

    assert (ids(roster.of(frozenset({"pod-a", "pod-c"}))), store.reads) == (["pod-a", "pod-c"], 2)
    assert ids(roster.of(frozenset())) == []


def offered(*pods):
    """By their ids, the pods in service, those open to the project, and those that an admin of it sees."""
    roster, _, _ = roster_of(*pods)
    identity = replace(OPERATOR.identity, project_id=PROJECT)
    member = replace(identity, roles=frozenset({"member"}))
    assert ids(roster.shown_to(member)) == ids(roster.open_to(PROJECT))
    return ids(roster.serving()), ids(roster.open_to(PROJECT)), ids(roster.shown_to(identity))


@pytest.mark.parametrize(
    ("fields", "is_there"),
    [
        ({}, True),
        ({"state": PodState.CORDONED}, True),
        ({"state": PodState.DRAINING}, True),
        ({"state": PodState.DISABLED}, False),
        ({"proven": False}, False),
        ({"az_name": ""}, False),
    ],
)
def test_a_proven_pod_in_a_zone_serves_until_it_is_disabled(fields, is_there):
    there = ["pod-b"] if is_there else []

    assert offered(a_pod("pod-b", **fields)) == (there, there, there)


def test_a_pod_for_others_is_shown_to_admins_alone():
    assert offered(a_pod("pod-b", allowed_project_ids=OTHERS)) == (["pod-b"], [], ["pod-b"])


@pytest.mark.parametrize(("project_id", "shown"), [(PROJECT, ["hybrid"]), ("other", [])])
def test_a_pod_with_a_keystone_of_its_own_is_shown_to_projects_with_a_credential_there(project_id, shown):
    pod = a_hybrid_pod(pod_project_ids={project_id: "a" * 32}, project_credentials={project_id: "ours-there"})

    assert offered(pod) == (["hybrid"], shown, shown)


def test_a_zone_is_open_while_one_of_its_pods_takes_servers():
    roster, _, _ = roster_of(
        a_pod("pod-a", "az2", state=PodState.CORDONED),
        a_pod("pod-b", "az2"),
        a_pod("pod-c", "az2", state=PodState.DISABLED),
        a_pod("pod-d", "az1", state=PodState.DRAINING),
        a_pod("pod-e", "az0", proven=False),
        a_pod("top", ""),
    )

    assert roster.zones() == [("az1", False), ("az2", True)]


def test_microversions_are_those_that_all_speak_and_the_first_where_none_is_known():
    spoken = [
        a_pod(pod_id, min_microversion="2.1", max_microversion=most)
        for pod_id, most in (("pod-a", "2.90"), ("pod-b", "2.79"))
    ]

    assert roster_of(*spoken)[0].microversions() == MicroversionRange.parse("2.1", "2.79")
    assert roster_of()[0].microversions() == MicroversionRange.parse("2.1", "2.1")
