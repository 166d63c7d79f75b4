"""Every holder: what several pods have under one id is changed wherever it is."""

import pytest

from chalicelib.model.errors import Conflict, OutcomeUnknown, Unavailable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.kinds.every_holder import EveryHolder
from tests.builders import PROJECT, a_pod
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply, roster_of

PODS = [a_pod("pod-a"), a_pod("pod-b", "az2")]
DONE = reply({}, 200)
BAD = reply({"badRequest": {"code": 400}}, 400)
REFUSED = reply({"forbidden": {"code": 403}}, 403)
REQUEST = PodRequest("DELETE", "/images/i", token="a-token", request_id="req-1")
NOT_HERE = reply({"itemNotFound": {"code": 404}}, 404)


def send(pods=PODS, **says):
    client = ScriptedPods(**says)
    answer = EveryHolder(roster_of(*pods), client).send(TENANT, REQUEST)
    assert client.asked == [(pod.pod_id, REQUEST) for pod in pods]
    return answer.pod.pod_id, answer.reply


@pytest.mark.parametrize("said", [DONE, REFUSED])
def test_all_that_have_it_are_told_and_the_oldest_answers(said):
    assert send(pod_a=said, pod_b=said) == ("pod-a", said)


@pytest.mark.parametrize(
    "absence",
    [NOT_HERE, None, proxy_page(404), reply({"a": {}}, 500), reply({"a": {}}, 401), reply(b'{"a": NaN}')],
)
def test_a_pod_that_has_it_not_or_is_silent_disturbs_nobody(absence):
    assert send(pod_a=absence, pod_b=DONE) == ("pod-b", DONE)
    assert send(pod_a=REFUSED, pod_b=absence) == ("pod-a", REFUSED)


def test_what_none_has_is_a_404():
    assert send(pod_a=NOT_HERE, pod_b=NOT_HERE) == ("pod-a", NOT_HERE)


@pytest.mark.parametrize("refusal", [BAD, REFUSED])
def test_what_only_some_accept_is_told_by_zone(refusal):
    with pytest.raises(Conflict) as conflict:
        send(pod_a=DONE, pod_b=refusal)

    assert str(conflict.value) == "Not done everywhere: done in az1; refused in az2."


def test_of_a_pod_that_is_open_to_others_alone_nothing_is_asked():
    ours, others = (frozenset({project_id}) for project_id in (PROJECT, "other"))
    pods = [a_pod("pod-a", allowed_project_ids=others), a_pod("pod-b", allowed_project_ids=ours)]
    client = ScriptedPods(pod_b=DONE)

    assert EveryHolder(roster_of(*pods), client).send(TENANT, REQUEST) == PodAnswer(pods[1], DONE)


def test_a_silent_pod_may_have_done_it_if_no_other_has_it():
    with pytest.raises(OutcomeUnknown):
        send(pod_a=None, pod_b=NOT_HERE)


def test_a_pod_that_was_not_reached_has_done_nothing():
    with pytest.raises(Unavailable):
        send(pod_a=proxy_page(404), pod_b=NOT_HERE)


def test_without_a_pod_nobody_can_say():
    with pytest.raises(Unavailable):
        send(pods=[])
