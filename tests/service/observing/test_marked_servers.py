"""Marked servers: which of them get a location, which are strays, and which are left to their creates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.claim import Share
from chalicelib.model.intent import Marker
from chalicelib.model.location import Location
from chalicelib.model.stray import Stray
from chalicelib.service.observing.marked_servers import MarkedServers, of_create
from tests.builders import NOW, PROJECT, a_pod, an_intent
from tests.service.desk import World
from tests.service.observing.lost_servers import a_server, server_id
from tests.service.observing.test_requests import Pods

MARKER = Marker("a" * 40, 1)
POD = a_pod("a")
MARKED = a_server(1, marker=MARKER)
PLAIN = Location(server_id(1), PROJECT, "a", NOW + timedelta(seconds=1), "vm-1")


class Trial(World):
    def __init__(self, *intents):
        super().__init__(POD)
        for intent in intents:
            self.outside.intents.put(intent)
        self.asked = Pods()
        outside = self.outside
        self.marked = MarkedServers(outside.intents, outside.strays, self.asked, self.clock)

    def location(self, server=MARKED):
        return self.marked.location(POD, server)

    @property
    def strays(self):
        return self.outside.strays.list()


def made(**fields):
    return an_intent(MARKER.intent_id, pod_id="a", **fields)


def test_a_server_without_a_marker_is_where_its_pod_lists_it():
    assert Trial(made()).location(replace(MARKED, marker=None)) == PLAIN


def test_so_is_one_whose_create_nobody_knows():
    trial = Trial()

    assert trial.location() == PLAIN
    assert trial.strays == []


def test_what_its_create_knows_of_a_server_comes_along():
    trial = Trial(made().done((server_id(1),), None))

    assert trial.location() == replace(
        PLAIN, decision_id="decision-1", request_id="req-1", share=Share("a", "decision-1", 0)
    )
    assert trial.strays == []


def test_a_server_that_its_create_does_not_name_has_no_share_and_no_more_have_one_than_were_claimed():
    known = replace(PLAIN, decision_id="decision-1", request_id="req-1")
    third = made(count=2).done((server_id(3), server_id(2), server_id(1)), None)

    assert of_create(PLAIN, made(count=2).done((server_id(2),), None)) == known
    assert of_create(PLAIN, third) == known
    second = replace(third, server_ids=(server_id(2), server_id(1)))
    assert of_create(PLAIN, second) == replace(known, share=Share("a", "decision-1", 1))


def test_a_server_whose_create_is_under_way_is_left_to_it():
    trial = Trial(made())

    assert (trial.location(), trial.strays) == (None, [])


def test_a_server_of_a_create_that_failed_is_a_stray_as_it_was_seen():
    trial = Trial(made().failed())
    trial.clock.passes(5)

    assert trial.location() is None
    assert trial.strays == [
        Stray(
            server_id(1),
            "a",
            PROJECT,
            "vm-1",
            NOW + timedelta(seconds=1),
            seen_at=NOW + timedelta(seconds=5),
            marker=str(MARKER),
            fits=True,
        )
    ]


@pytest.mark.parametrize(
    ("intent", "asked"),
    [(made(), 0), (made().failed(), 1), (made().done((server_id(1),), None), 1), (None, 1)],
)
def test_a_marker_stays_while_somebody_may_look_for_it(intent, asked):
    trial = Trial(*([intent] if intent else []))

    assert trial.marked.unmark(POD, MARKED) is bool(asked)
    assert len(trial.asked.heard) == asked
