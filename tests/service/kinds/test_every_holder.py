"""Every holder: what several pods have under one id is changed wherever it is."""

import pytest

from chalicelib.model.errors import Conflict, OutcomeUnknown, Unavailable
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.kinds.every_holder import EveryHolder
from tests.builders import a_pod
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, proxy_page, reply, roster_of

PODS = [a_pod("pod-a"), a_pod("pod-b", "az2")]
DONE = reply({}, 200)
REFUSED = reply({"forbidden": {"code": 403}}, 403)
NOT_HERE = reply({"itemNotFound": {"code": 404}}, 404)


def send(pods=PODS, **says):
    client = ScriptedPods(**says)
    answer = EveryHolder(roster_of(*pods), client).send(TENANT, PodRequest("DELETE", "/images/i"))
    return answer.pod.pod_id, answer.reply


@pytest.mark.parametrize("said", [DONE, REFUSED])
def test_all_that_have_it_are_told_and_the_oldest_answers(said):
    assert send(pod_a=said, pod_b=said) == ("pod-a", said)


@pytest.mark.parametrize("absence", [NOT_HERE, None, proxy_page(404)])
def test_a_pod_that_has_it_not_or_is_silent_disturbs_nobody(absence):
    assert send(pod_a=absence, pod_b=DONE) == ("pod-b", DONE)
    assert send(pod_a=REFUSED, pod_b=absence) == ("pod-a", REFUSED)


def test_what_none_has_is_a_404():
    assert send(pod_a=NOT_HERE, pod_b=NOT_HERE) == ("pod-a", NOT_HERE)


def test_what_only_some_accept_is_told_by_zone():
    with pytest.raises(Conflict, match="done in az1; refused in az2"):
        send(pod_a=DONE, pod_b=REFUSED)


def test_a_silent_pod_may_have_done_it_if_no_other_has_it():
    with pytest.raises(OutcomeUnknown):
        send(pod_a=None, pod_b=NOT_HERE)


def test_a_pod_that_was_not_reached_has_done_nothing():
    with pytest.raises(Unavailable):
        send(pod_a=proxy_page(404), pod_b=NOT_HERE)


def test_without_a_pod_nobody_can_say():
    with pytest.raises(Unavailable):
        send(pods=[])
