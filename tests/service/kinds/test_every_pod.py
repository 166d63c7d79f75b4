"""Every pod: a write is done in all pods, or the caller learns in which zones it wasn't."""

import pytest

from chalicelib.model.errors import Conflict, OutcomeUnknown, Unavailable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.kinds.every_pod import EveryPod
from tests.builders import a_pod
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply, roster_of

PODS = [a_pod("pod-a", "az1"), a_pod("pod-b", "az2"), a_pod("pod-c", "az3")]
MADE = {"flavor": {"id": "f"}}
TAKEN = reply({"conflictingRequest": {"code": 409}}, 409)
REQUEST = PodRequest("POST", "/flavors", body=b"{}")


def send(client, pods=PODS):
    return EveryPod(roster_of(*pods), client, FanOut(4), 5.0).send(TENANT, REQUEST)


def test_when_all_accept_the_oldest_pods_answer_is_the_clients():
    client = ScriptedPods(
        pod_a=reply({**MADE, "from": "a"}),
        pod_b=reply(MADE),
        pod_c=reply(b"", 202, **{"x-openstack-request-id": "req-9"}),
    )

    answer = send(client)

    assert (answer.pod.pod_id, b'"a"' in answer.reply.body) == ("pod-a", True)
    assert sorted(pod_id for pod_id, _ in client.asked) == ["pod-a", "pod-b", "pod-c"]
    assert {request.body for _, request in client.asked} == {b"{}"}


def test_when_all_refuse_the_refusal_is_the_clients():
    assert send(ScriptedPods(pod_a=TAKEN, pod_b=TAKEN, pod_c=TAKEN)).reply is TAKEN


def test_when_one_refuses_the_zones_are_named_and_no_pod():
    with pytest.raises(Conflict) as told:
        send(ScriptedPods(pod_a=reply(MADE), pod_b=TAKEN, pod_c=reply(MADE)))

    assert str(told.value) == "Not done everywhere: done in az1, az3; refused in az2."


@pytest.mark.parametrize("silence", [None, reply({}, 500), proxy_page(200), reply({}, 401), reply({}, 429)])
def test_when_one_does_not_answer_what_happened_there_is_unknown(silence):
    with pytest.raises(OutcomeUnknown) as told:
        send(ScriptedPods(pod_a=reply(MADE), pod_b=TAKEN, pod_c=silence))

    assert str(told.value) == (
        "Not done everywhere: done in az1; refused in az2; perhaps done, since no answer came, in az3."
    )


def test_when_none_answers_it_may_have_happened():
    with pytest.raises(OutcomeUnknown, match="perhaps done, since no answer came, in az1, az2, az3"):
        send(ScriptedPods(pod_a=None, pod_b=None, pod_c=None))


def test_pods_that_are_closed_to_the_project_are_left_alone():
    client = ScriptedPods(pod_a=reply(MADE))

    send(client, [PODS[0], a_pod("pod-b", allowed_project_ids=frozenset({"other"}))])

    assert [pod_id for pod_id, _ in client.asked] == ["pod-a"]


def test_without_a_pod_nothing_can_be_done():
    with pytest.raises(Unavailable):
        send(ScriptedPods(), pods=())
