"""Owner: the one pod that a request concerns; its reply is passed on, and its silence told as what it is."""

import json

import pytest

from chalicelib import observability
from chalicelib.model.errors import NoAnswer, NoWayIn, OutcomeUnknown, PodUnreachable
from chalicelib.model.pod_request import PodRequest
from chalicelib.observability import measures
from chalicelib.service.asking.owner import send_to_owner
from tests.builders import a_pod
from tests.service.kinds.scripted_pods import ScriptedPods, proxy_page, reply

POD = a_pod("pod-a")
NO_CONNECTION = PodUnreachable("pod-a", "refused", sent=False)


def raising(error):
    def says(_):
        raise error

    return says


def send(says, method="GET"):
    return send_to_owner(ScriptedPods(pod_a=says), POD, PodRequest(method, "/servers/s"), "server")


@pytest.mark.parametrize("status", [200, 202, 404, 409, 500])
def test_the_services_own_reply_is_passed_on_whatever_it_is(status):
    said = reply({"aFault": {"code": status}}, status)

    assert send(said, "POST") is said


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("says", [None, proxy_page(502), reply(b'{"a": NaN}')])
def test_a_change_that_may_have_arrived_is_to_be_looked_for(method, says):
    with pytest.raises(OutcomeUnknown, match="look at the server first") as unknown:
        send(says, method)

    assert isinstance(unknown.value.__cause__, PodUnreachable)


@pytest.mark.parametrize("error", [NO_CONNECTION, NoWayIn("pod-a", "Keystone refuses the credential")])
def test_a_change_that_was_not_sent_did_not_happen(error):
    with pytest.raises(PodUnreachable) as raised:
        send(raising(error), "POST")

    assert raised.value is error


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_question_that_got_no_reply_changed_nothing(method):
    with pytest.raises(PodUnreachable):
        send(None, method)


def test_what_is_no_answer_is_logged_and_counted_under_its_pod(capsys):
    observability.logger().setLevel("INFO")
    with measures.measured(), pytest.raises(NoAnswer):
        send(proxy_page(400))

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = (line for line in printed if line.get("message") == "pod gives no answer")
    assert (line["pod"], line["error"]) == (
        POD.pod_name,
        f"something in front of {POD.pod_name} answered 400",
    )
    (record,) = (line for line in printed if "PodNoAnswers" in line)
    assert (record["pod"], record["PodNoAnswers"]) == (POD.pod_name, [1])
