"""Every pod: a write is done in all pods, or the caller learns where it wasn't and a repeat does the rest."""

import json

import pytest

from chalicelib.adapters.memory.unfinished_store import MemoryUnfinishedStore
from chalicelib.model.errors import Conflict, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.pod import PodState
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import FLAVORS
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.kinds.every_pod import EveryPod
from tests.builders import SetClock, a_pod
from tests.service.kinds.scripted_pods import (
    TENANT,
    ScriptedPods,
    StrictFanOut,
    proxy_page,
    reply,
    roster_of,
)

PODS = [a_pod("pod-a", "az1"), a_pod("pod-b", "az2"), a_pod("pod-c", "az3")]
ASKED = {"id": "f", "name": "big", "ram": "64", "vcpus": 1, "disk": 0}
SHOWN = {"id": "f", "name": "big", "ram": 64, "vcpus": 1, "disk": 0, "swap": "", "rxtx_factor": 1.0}
MADE = reply({"flavor": SHOWN})
TAKEN = reply({"conflictingRequest": {"code": 409}}, 409)
INVALID = reply({"badRequest": {"code": 400}}, 400)
MISSING = reply({"itemNotFound": {"code": 404}}, 404)
GONE = reply(b"", 202, **{"x-openstack-request-id": "req-9"})
CREATE = PodRequest("POST", "/flavors", body=json.dumps({"flavor": ASKED}).encode())
DELETE = PodRequest("DELETE", "/flavors/f")
ALLOW = PodRequest("POST", "/flavors/f/action", body=b'{"addTenantAccess": {"tenant": "p"}}')


def unreachable(request):
    raise PodUnreachable("pod", "refused", sent=False)


def has(shown, refusal=TAKEN):
    """A pod that refuses, and shows what it has."""
    return lambda request: shown if request.method == "GET" else refusal


class Writing:
    """Writes to scripted pods, whose replies a test may change between two calls."""

    caller = TENANT

    def __init__(self, *pods):
        self.roster, self.unfinished, self.clock = (
            roster_of(*(pods or PODS)),
            MemoryUnfinishedStore(),
            SetClock(),
        )
        self.client = ScriptedPods()
        self.numbers = iter(range(1, 100))

    def send(self, request=CREATE, **by_pod):
        self.client = ScriptedPods(**by_pod)
        ids = lambda: f"id-{next(self.numbers)}"  # noqa: E731
        self.fan_out = StrictFanOut()
        kind = EveryPod(self.roster, self.client, self.fan_out, self.unfinished, self.clock, ids, 5.0)
        return kind.send(self.caller, FLAVORS, request)

    def asked(self, method="POST"):
        return sorted(pod_id for pod_id, request in self.client.asked if request.method == method)

    def left(self):
        return [(each.title, each.fates) for each in self.unfinished.list()]


@pytest.fixture
def writing():
    return Writing()


def test_when_all_do_it_the_oldest_pods_answer_is_the_clients(writing):
    answer = writing.send(pod_a=reply({"from": "a"}), pod_b=MADE, pod_c=GONE)

    assert (answer.pod.pod_id, b'"a"' in answer.reply.body) == ("pod-a", True)
    assert writing.asked() == ["pod-a", "pod-b", "pod-c"]
    assert {request.body for _, request in writing.client.asked} == {CREATE.body}
    assert {request.read_timeout_seconds for _, request in writing.client.asked} == {5.0}
    assert writing.left() == []


@pytest.mark.parametrize("refusal", [INVALID, has(reply({"flavor": {**SHOWN, "ram": 128}})), has(MISSING)])
def test_what_the_oldest_pod_refuses_no_other_is_asked_for(writing, refusal):
    answer = writing.send(pod_a=refusal, pod_b=MADE, pod_c=MADE)

    assert answer.reply.status >= 400
    assert writing.asked() == ["pod-a"]
    assert writing.left() == []


@pytest.mark.parametrize(
    "shown",
    [
        reply(b"<html>", 200),
        reply({}, 503),
        reply(b"{", 200, **{"x-openstack-request-id": "r"}),
        reply(["flavor"]),
        reply("flavor"),
    ],
)
def test_a_refusal_is_handed_on_though_the_pod_does_not_show_what_it_has(writing, shown):
    assert writing.send(pod_a=has(shown), pod_b=MADE, pod_c=MADE).reply is TAKEN


def test_what_all_have_already_is_refused_as_one_nova_does(writing):
    answer = writing.send(**dict.fromkeys(("pod_a", "pod_b", "pod_c"), has(MADE)))
    assert answer == PodAnswer(PODS[0], TAKEN)
    assert writing.send(DELETE, **dict.fromkeys(("pod_a", "pod_b", "pod_c"), MISSING)).reply is MISSING
    assert writing.left() == []


def test_a_pod_that_is_as_asked_already_counts_as_one_that_did_it(writing):
    answer = writing.send(pod_a=has(MADE), pod_b=MADE, pod_c=has(MADE))

    assert (answer.pod.pod_id, answer.reply.status) == ("pod-b", 200)
    assert writing.send(DELETE, pod_a=MISSING, pod_b=GONE, pod_c=MISSING).reply is GONE
    access = has(reply({"flavor_access": [{"flavor_id": "f", "tenant_id": "p"}]}))
    assert writing.send(ALLOW, pod_a=access, pod_b=reply({}), pod_c=access).pod.pod_id == "pod-b"


@pytest.mark.parametrize(
    ("other", "error", "fate"),
    [
        (has(reply({"flavor": {**SHOWN, "ram": 128}})), Conflict, "refused in"),
        (has(reply({"flavor": {**SHOWN, "os-flavor-access:is_public": False}})), Conflict, "refused in"),
        (has(reply({}, 503)), Conflict, "refused in"),
        (INVALID, Conflict, "refused in"),
        (unreachable, Unavailable, "not done, since no connection came about, in"),
        (None, OutcomeUnknown, "perhaps done, since no answer came, in"),
        (reply({}, 500), OutcomeUnknown, "perhaps done, since no answer came, in"),
        (proxy_page(200), OutcomeUnknown, "perhaps done, since no answer came, in"),
        (reply({"error": {"code": 401}}, 401), OutcomeUnknown, "perhaps done, since no answer came, in"),
    ],
)
def test_when_it_is_done_in_part_the_zones_are_told_and_the_pods_remembered(writing, other, error, fate):
    with pytest.raises(error) as told:
        writing.send(pod_a=MADE, pod_b=other, pod_c=MADE)

    assert str(told.value) == (
        f"Not done everywhere: done in az1, az3; {fate} az2. The same call, made again, does the rest."
    )
    assert writing.left() == [("flavor f", f"done in PodA, PodC; {fate} PodB")]


def test_a_repeat_of_a_call_that_failed_in_part_does_the_rest(writing):
    with pytest.raises(OutcomeUnknown):
        writing.send(pod_a=MADE, pod_b=None, pod_c=MADE)

    answer = writing.send(pod_a=has(MADE), pod_b=MADE, pod_c=has(MADE))

    assert (answer.pod.pod_id, answer.reply.status) == ("pod-b", 200)
    assert writing.left() == []


@pytest.mark.parametrize(
    ("request_", "done", "already", "status", "body"),
    [
        (CREATE, MADE, has(MADE), 200, MADE.body),
        (DELETE, GONE, MISSING, 202, b""),
        (PodRequest("DELETE", "/flavors/f/os-extra_specs/k"), reply({}), MISSING, 200, b""),
    ],
)
def test_a_repeat_succeeds_where_all_turn_out_to_have_done_it(writing, request_, done, already, status, body):
    with pytest.raises(OutcomeUnknown):
        writing.send(request_, pod_a=done, pod_b=None, pod_c=done)

    answer = writing.send(request_, pod_a=already, pod_b=already, pod_c=already)

    assert (answer.reply.status, answer.reply.body) == (status, body)
    assert writing.left() == []


def test_a_repeat_that_fails_too_leaves_what_was_noted(writing):
    with pytest.raises(OutcomeUnknown):
        writing.send(pod_a=MADE, pod_b=None, pod_c=MADE)
    with pytest.raises(Unavailable):
        writing.send(pod_a=has(MADE), pod_b=unreachable, pod_c=has(MADE))

    assert [title for title, _ in writing.left()] == ["flavor f"]


def test_a_repeat_without_an_id_makes_the_same_flavor(writing):
    asked = {key: value for key, value in ASKED.items() if key != "id"}
    nameless = PodRequest("POST", "/flavors", body=json.dumps({"flavor": asked}).encode())
    with pytest.raises(OutcomeUnknown):
        writing.send(nameless, pod_a=MADE, pod_b=None, pod_c=MADE)
    made = {json.loads(request.body)["flavor"]["id"] for _, request in writing.client.asked}
    respelled = PodRequest("POST", "/flavors", body=json.dumps({"flavor": {**asked}}, indent=2).encode())

    writing.send(respelled, pod_a=MADE, pod_b=MADE, pod_c=MADE)

    again = {json.loads(request.body)["flavor"]["id"] for _, request in writing.client.asked}
    assert (made, again) == ({"id-1"}, {"id-1"})
    writing.send(nameless, pod_a=MADE, pod_b=MADE, pod_c=MADE)
    assert {json.loads(request.body)["flavor"]["id"] for _, request in writing.client.asked} == {"id-2"}


def test_when_the_oldest_does_not_answer_the_others_are_not_asked(writing):
    with pytest.raises(
        OutcomeUnknown, match=r"perhaps done, since no answer came, in az1; not asked for in az2"
    ):
        writing.send(pod_a=None, pod_b=MADE, pod_c=MADE)

    assert writing.asked() == ["pod-a"]
    assert writing.left() != []


def test_when_the_oldest_can_not_be_reached_nothing_was_done(writing):
    with pytest.raises(Unavailable, match="in az1; not asked for in az2, az3"):
        writing.send(pod_a=unreachable, pod_b=MADE, pod_c=MADE)

    assert writing.left() == []


def test_a_flavor_that_is_deleted_everywhere_has_nothing_left_to_do(writing):
    with pytest.raises(OutcomeUnknown):
        writing.send(pod_a=MADE, pod_b=None, pod_c=MADE)
    writing.send(DELETE, pod_a=GONE, pod_b=MISSING, pod_c=GONE)

    assert writing.left() == []


def test_all_pods_in_service_are_written_to_whoever_may_use_them():
    others = {"allowed_project_ids": frozenset({"other"})}
    pods = [
        PODS[0],
        a_pod("pod-b", **others, state=PodState.CORDONED),
        a_pod("pod-c", state=PodState.DISABLED),
        a_pod("pod-d", proven=False),
        a_pod("pod-e", ""),
    ]
    writing = Writing(*pods)

    writing.send(pod_a=MADE, pod_b=MADE)

    assert writing.asked() == ["pod-a", "pod-b"]


def test_without_a_pod_nothing_can_be_done():
    with pytest.raises(Unavailable):
        Writing(a_pod(proven=False)).send()
