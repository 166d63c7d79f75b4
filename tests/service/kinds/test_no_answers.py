"""A pod whose reply is no answer is logged and counted under its name, once, whatever it was asked for."""

from contextlib import suppress

import pytest

from chalicelib import observability
from chalicelib.model.errors import Trio2oError
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS
from chalicelib.observability import measures
from chalicelib.service.asking.owner import send_to_owner
from chalicelib.service.asking.silences import Silences
from chalicelib.service.kinds.every_holder import EveryHolder
from chalicelib.service.kinds.first import First, first_that, has_it
from chalicelib.service.kinds.merged_by_id import MergedById
from tests.builders import NOW, a_pod
from tests.service.kinds.scripted_pods import (
    TENANT,
    ScriptedPods,
    StrictFanOut,
    no_answers,
    proxy_page,
    reply,
    roster_of,
)

PODS = [a_pod("pod-a"), a_pod("pod-b")]
SHOW, DELETE = PodRequest("GET", "/flavors/f"), PodRequest("DELETE", "/flavors/f")
KINDS = {
    "first that has": lambda client: First(roster_of(*PODS), Silences(client, lambda: NOW), 5.0).that_has(
        TENANT, SHOW
    ),
    "first that answers": lambda client: First(
        roster_of(*PODS), Silences(client, lambda: NOW), 5.0
    ).that_answers(TENANT, SHOW),
    "looked for": lambda client: first_that(has_it, PODS, client, SHOW, 5.0),
    "changed": lambda client: first_that(has_it, PODS, client, DELETE, 5.0),
    "every holder": lambda client: EveryHolder(roster_of(*PODS), client).send(TENANT, DELETE),
    "owner": lambda client: send_to_owner(client, PODS[0], DELETE, "flavor"),
    "listed": lambda client: MergedById(roster_of(*PODS), client, StrictFanOut(), 5.0).page(
        TENANT, FLAVORS, ListQuery(), PodRequest("GET", "/flavors")
    ),
}


@pytest.fixture(autouse=True)
def logged_from_info_on():
    observability.logger().setLevel("INFO")


def ask(kind, says):
    client = ScriptedPods(pod_a=says, pod_b=reply({"flavors": [], "flavor": {}}))
    with measures.measured(), suppress(Trio2oError):
        KINDS[kind](client)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxys_page_is_logged_and_counted_under_the_pods_name(kind, capsys):
    ask(kind, proxy_page(400))

    (logged, *others), counted = no_answers(capsys)
    assert (logged[0], others, counted) == ("PodA", [], {"PodA": [1]})
    assert "answered 400" in logged[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_silence_was_noted_by_who_sent_the_request(kind, capsys):
    ask(kind, None)

    assert no_answers(capsys) == ([], {})


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_none_of_these(kind, capsys):
    ask(kind, reply({"flavors": [], "flavor": {}}))

    assert no_answers(capsys) == ([], {})
