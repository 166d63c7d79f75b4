"""Adoption: servers that we don't know of are found by the refresh and served, without touching them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deed import Deed
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.location import Location
from chalicelib.model.sweep import FoundServer
from chalicelib.service.observing import adoption
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import NoServers, ScriptedReader, World

PAGE = 3
DEED = Deed(NOW, "op", "req-1", "hall 3 burnt down")


def a_server(number, **fields):
    found = FoundServer(f"server-{number:03}", PROJECT, f"vm-{number}", NOW - timedelta(days=1))
    return replace(found, **fields)


class Pods(World, NoServers):
    """The pods a and b, which list the servers of a test, ``PAGE`` at a time; ``changed`` is what a later
    look finds. An error in a pod's place is raised.
    """

    def __init__(self, **listed):
        self.listed, self.changed, self.asked = listed, {}, []
        pods = (a_pod("a"), a_pod("b"), a_pod("unproven", proven=False))
        self.reader = ScriptedReader()
        super().__init__(*pods, servers=self, reader=self.reader)
        self.locations, self.projects = self.outside.locations, self.outside.projects

    def page(self, pod, since, after):
        self.asked.append((pod.pod_id, since, after))
        listed = (self.changed if since else self.listed).get(pod.pod_id, [])
        if isinstance(listed, Exception):
            raise listed
        ids = [server.server_id for server in listed]
        if after and after not in ids:
            raise UntrustedReport(f"marker {after} not found")
        begin = ids.index(after) + 1 if after else 0
        return listed[begin : begin + PAGE]

    def round(self):
        self.clock.passes(60)
        return self.services.capacity_refresh.refresh_all()

    def located(self, pod_id="a"):
        return [location.resource_id for location in self.locations.of_pod(pod_id)]


def test_servers_that_were_there_before_their_pod_get_locations_and_their_projects_the_pod():
    pods = Pods(a=[a_server(1), a_server(2, project_id="another")])
    pods.round()

    assert pods.locations.get("server-001") == Location(
        "server-001", PROJECT, "a", NOW - timedelta(days=1), "vm-1"
    )
    assert (pods.projects.pod_ids(PROJECT), pods.projects.pod_ids("another")) == ({"a"}, {"a"})
    assert pods.outside.bindings.of_project(PROJECT, "general") == []
    assert "unproven" not in {pod_id for pod_id, _, _ in pods.asked}


def test_in_a_pod_with_its_own_keystone_what_no_project_of_ours_has_is_nobodys():
    pods = Pods(a=[a_server(1), a_server(2, project_id="another")])
    pod = pods.outside.pods.get("a")
    hybrid = replace(pod, auth_url="https://keystone.a/v3", pod_project_ids={PROJECT: "1" * 32})
    pods.outside.pods.update(pod, hybrid)
    pods.round()

    assert pods.located("a") == ["server-001"]
    assert pods.projects.pod_ids("another") == frozenset()


def test_what_we_know_is_never_overwritten_and_what_is_deleted_is_not_adopted():
    pods = Pods(a=[a_server(1), a_server(2, deleted=True)])
    ours = Location("server-001", "ours", "b", NOW, decision_id="d1")
    pods.locations.remember(ours)
    pods.locations.end("server-001", NOW)
    pods.round()

    assert pods.locations.get("server-001") == replace(ours, ended_at=NOW)
    assert pods.located("a") == []
    assert pods.projects.pod_ids(PROJECT) == frozenset()


@pytest.mark.parametrize(
    ("project_id", "ended_ago", "by_hand", "found"),
    [
        (PROJECT, 0, True, True),  # forgotten with its pod, which is registered again
        (PROJECT, 3600, False, True),
        (PROJECT, 0, False, False),  # it may be that of a list from before its delete
        ("another", 3600, True, False),
        (PROJECT, None, True, False),  # it lives where it is
    ],
)
def test_a_server_that_ended_in_another_pod_is_found_where_it_is(project_id, ended_ago, by_hand, found):
    pods = Pods(b=[a_server(1)])
    before = Location("server-001", project_id, "a", NOW, deed=DEED if by_hand else None)
    pods.locations.remember(before)
    if ended_ago is not None:
        pods.locations.end("server-001", pods.clock() + timedelta(seconds=60 - ended_ago))
    pods.round()

    assert pods.located("b") == (["server-001"] if found else [])
    assert (pods.projects.pod_ids(PROJECT) == {"b"}) == found


def test_a_pods_first_look_takes_as_many_rounds_as_it_needs(monkeypatch):
    monkeypatch.setattr(adoption, "MOST_WRITTEN", 2)
    pods = Pods(a=[a_server(number) for number in range(9)])
    counts = []
    for _ in range(5):
        pods.round()
        counts.append(len(pods.located()))

    assert counts == [2, 4, 6, 8, 9]


def test_once_all_was_seen_only_what_changed_since_the_look_began_is_asked_for():
    pods = Pods(a=[a_server(1)])
    pods.round()
    began_at = pods.clock.now
    pods.asked.clear()
    pods.changed["a"] = [a_server(2)]
    pods.round()

    assert ("a", began_at - timedelta(seconds=60), "") in pods.asked
    assert pods.located() == ["server-001", "server-002"]


def test_a_look_that_takes_rounds_is_followed_by_what_changed_since_its_own_beginning(monkeypatch):
    monkeypatch.setattr(adoption, "MOST_PAGES", 1)
    pods = Pods(a=[a_server(number) for number in range(5)])
    pods.round()
    began_at = pods.clock.now
    for _ in range(3):
        pods.round()

    assert [since for pod_id, since, _ in pods.asked if pod_id == "a"][-1] == began_at - timedelta(seconds=60)


def test_a_look_begins_again_where_the_server_at_which_it_stopped_is_gone(monkeypatch):
    monkeypatch.setattr(adoption, "MOST_PAGES", 1)
    pods = Pods(a=[a_server(number) for number in range(5)])
    pods.round()
    pods.listed["a"] = [a_server(0), a_server(4)]
    for _ in range(3):
        pods.round()

    assert "server-004" in pods.located()


@pytest.mark.parametrize("trouble", [UntrustedReport("nonsense"), PodUnreachable("a", "slow", sent=True)])
def test_a_pod_that_can_not_be_looked_through_loses_no_report(trouble):
    pods = Pods(a=trouble, b=[a_server(1)])

    assert pods.round().failed == ()
    assert pods.located("b") == ["server-001"]


def test_a_pod_whose_report_makes_no_sense_is_looked_through_all_the_same():
    pods = Pods(a=[a_server(1)])
    pods.reader.refusal = UntrustedReport("nonsense")
    pods.round()

    assert pods.located() == ["server-001"]
