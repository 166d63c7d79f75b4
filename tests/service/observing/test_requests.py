"""Observing: what pods are asked in the background, how long they may take, and with which credential."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.intent import IntentState, Marker
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.stray import Stray
from chalicelib.service.observing.cells import Cells
from chalicelib.service.observing.marked_servers import MarkedServers
from chalicelib.service.observing.strays import Strays
from tests.builders import NOW, PROJECT, a_pod, an_intent
from tests.service.desk import NoServers, World
from tests.service.observing.lost_servers import a_server, server_id

MARK = {"x-openstack-request-id": "req-1"}
OK = PodReply(200, MARK, b"{}")
GONE = PodReply(404, MARK, b'{"itemNotFound": {}}')
DONE = PodReply(204, MARK, b"")
MARKER = Marker("a" * 40, 1)
KEY = f"trio2o%3A{'a' * 40}%3A1"
TAGGED = a_pod("a", min_microversion="2.1", max_microversion="2.26")
OLDER = replace(TAGGED, max_microversion="2.25")


@dataclass
class Pods(NoServers):
    """Pods that answer by method, or by method and pod; the rest they answer with success."""

    replies: dict = field(default_factory=dict)
    heard: list = field(default_factory=list)

    def send(self, pod, request):
        self.heard.append((pod.pod_id, request))
        said = self.replies.get(f"{request.method} {pod.pod_id}") or self.replies.get(request.method, OK)
        if isinstance(said, Exception):
            raise said
        return said

    @property
    def requests(self):
        return [request for _, request in self.heard]


def test_a_pod_is_asked_for_its_cells_for_four_seconds_at_most():
    asked = Pods()
    Cells(asked).are_up(replace(TAGGED, max_microversion="2.69"))

    headers = {"OpenStack-API-Version": "compute 2.69"}
    assert asked.heard == [
        ("a", PodRequest("GET", "/os-services", headers=headers, read_timeout_seconds=4.0))
    ]


TAKE_TAG = PodRequest(
    "DELETE",
    f"/servers/{server_id(1)}/tags/{KEY}",
    headers={"OpenStack-API-Version": "compute 2.26"},
    read_timeout_seconds=3.0,
)
TAKE_ITEM = PodRequest("DELETE", f"/servers/{server_id(1)}/metadata/{KEY}", read_timeout_seconds=3.0)


@pytest.mark.parametrize(
    ("pod", "reply", "requests"),
    [
        (TAGGED, DONE, [TAKE_TAG]),
        (TAGGED, PodReply(409, MARK, b'{"conflictingRequest": {}}'), [TAKE_TAG]),
        (TAGGED, GONE, [TAKE_TAG, TAKE_ITEM]),
        (OLDER, DONE, [TAKE_ITEM]),
        (a_pod("a"), DONE, [TAKE_ITEM]),  # nobody knows yet what it speaks
        (TAGGED, PodUnreachable("a", "down", sent=True), [TAKE_TAG]),
    ],
)
def test_a_marker_is_taken_off_as_a_tag_where_pods_have_them_and_else_as_metadata(pod, reply, requests):
    asked, outside = Pods({"DELETE": reply}), World().outside
    marked = MarkedServers(outside.intents, outside.strays, asked, lambda: NOW)

    assert marked.unmark(pod, a_server(1, marker=MARKER))
    assert asked.requests == requests


@pytest.mark.parametrize("fields", [{"marker": None}, {"takes_labels": False}])
def test_a_server_without_a_marker_or_that_takes_no_change_is_left_alone(fields):
    asked, outside = Pods(), World().outside
    marked = MarkedServers(outside.intents, outside.strays, asked, lambda: NOW)

    assert not marked.unmark(TAGGED, a_server(1, **{"marker": MARKER, **fields}))
    assert asked.heard == []


def a_stray(number=1, **fields):
    found = Stray(server_id(number), "a", PROJECT, "vm", NOW, NOW, str(MARKER), fits=True)
    return replace(found, **fields)


class Yard(World):
    """Strays that were noted of a create that failed, in a pod that answers what a test says."""

    def __init__(self, *strays, deletes=True, **replies):
        self.asked = Pods(replies)
        super().__init__(TAGGED)
        outside = self.outside
        outside.intents.put(an_intent(MARKER.intent_id, pod_id="a").failed())
        self.noted = strays or (a_stray(),)
        for stray in self.noted:
            outside.strays.put(stray)
        self.strays = Strays(outside.strays, outside.intents, outside.locations, self.asked, deletes)

    def look(self):
        left = self.strays.look(TAGGED, self.noted)
        return left, [stray.server_id for stray in self.outside.strays.list()]


SHOW = PodRequest("GET", f"/servers/{server_id(1)}", read_timeout_seconds=4.0)
DELETE = replace(SHOW, method="DELETE")


def test_a_stray_is_shown_and_deleted_where_operators_chose_so_and_forgotten_once_it_is_gone():
    yard = Yard(DELETE=DONE)
    assert yard.look() == (1, [server_id(1)])
    assert yard.asked.requests == [SHOW, DELETE]

    yard.asked.replies["GET"] = GONE
    assert yard.look() == (0, [])
    assert yard.asked.requests == [SHOW, DELETE, SHOW]


@pytest.mark.parametrize(
    "fields",
    [
        {"fits": False},
        {"marker": "not ours"},
        {"marker": f"trio2o:{'b' * 40}:1"},  # nobody knows its intent
        {"marker": f"trio2o:{'a' * 40}:2"},  # of an attempt that the intent doesn't know
        {"pod_id": "b"},
    ],
)
def test_a_stray_that_may_be_somebodys_is_only_told(fields):
    yard = Yard(a_stray(**fields))

    assert yard.look() == (1, [server_id(1)])
    assert yard.asked.requests == [SHOW]


def test_where_operators_chose_nothing_no_stray_is_deleted():
    yard = Yard(deletes=False)

    assert yard.look() == (1, [server_id(1)])
    assert yard.asked.requests == [SHOW]


def test_what_has_a_location_is_no_stray_and_is_not_asked_for():
    yard = Yard()
    yard.outside.locations.remember(Location(server_id(1), PROJECT, "b", NOW))

    assert yard.look() == (0, [])
    assert yard.asked.heard == []


def test_of_very_many_strays_twenty_are_shown_and_five_deleted_and_those_that_are_gone_are_not_counted():
    yard = Yard(*map(a_stray, range(30)), DELETE=DONE)
    yard.asked.replies["GET"] = OK

    left, noted = yard.look()

    methods = [request.method for request in yard.asked.requests]
    assert (left, len(noted)) == (30, 30)
    assert (methods.count("GET"), methods.count("DELETE")) == (20, 5)
    assert yard.asked.requests[-1].path == f"/servers/{server_id(19)}"


def test_a_location_of_a_purged_server_is_asked_for_three_seconds_at_most():
    asked = Pods({"GET": GONE})
    world = World(TAGGED, client=asked, servers=asked)
    old = Location(server_id(9), PROJECT, "a", NOW - timedelta(days=1))
    world.outside.locations.remember(old)

    world.services.reconciling.census.look(TAGGED, lambda: True)

    assert asked.requests == [PodRequest("GET", f"/servers/{server_id(9)}", read_timeout_seconds=3.0)]
    assert world.outside.locations.get(server_id(9)) == replace(old, ended_at=NOW)


PAGE = PodReply(404, {}, b"<html>")


def test_a_proxys_page_in_place_of_an_answer_ends_nothing_and_names_the_pod():
    asked = Pods({"GET": PAGE})
    world = World(TAGGED, client=asked, servers=asked)
    old = world.outside.locations.remember(Location(server_id(9), PROJECT, "a", NOW - timedelta(days=1)))
    for ask in (
        lambda: world.services.reconciling.census.look(TAGGED, lambda: True),
        lambda: Yard(GET=PAGE).look(),
        lambda: Yard(DELETE=PAGE).look(),
    ):
        with pytest.raises(PodUnreachable) as silence:
            ask()
        assert silence.value.pod_id == "a"

    assert world.outside.locations.get(server_id(9)) == old


@pytest.mark.parametrize("pod", [TAGGED, OLDER])
def test_a_marker_that_a_proxy_kept_from_being_taken_off_is_left_to_a_later_look(pod):
    asked, outside = Pods({"DELETE": PAGE}), World().outside
    marked = MarkedServers(outside.intents, outside.strays, asked, lambda: NOW)

    assert marked.unmark(pod, a_server(1, marker=MARKER))
    assert len(asked.heard) == 1


def test_a_create_that_made_nothing_has_failed_though_its_pod_has_no_balance():
    asked = Pods()
    world = World(TAGGED, client=asked, servers=asked)
    intent = world.outside.intents.put(an_intent(pod_id="a", absent_at=NOW - timedelta(seconds=60)))

    assert world.services.reconciling.concluding.conclude(TAGGED, intent, lambda: True)
    assert world.outside.intents.get(intent.slot).state is IntentState.FAILED
