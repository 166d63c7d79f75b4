"""Fan-out: what one pod says, or makes our own code stumble over, costs the others' answers nothing."""

from __future__ import annotations

import json
import threading

import pytest

from chalicelib import observability
from chalicelib.model.errors import PodUnreachable, StoreBusy
from chalicelib.model.pod_request import PodReply, no_answer
from chalicelib.observability import correlated, correlation_id, measures
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.fan_out import Answers, FanOut
from tests.builders import a_pod

PODS = [a_pod("pod-a"), a_pod("pod-b")]


def refusal(pod):
    return PodRefused(PodAnswer(pod, PodReply(400, {}, b'{"badRequest": {}}')))


def ask(**says):
    """What the pods say, by id: a value, or an error that asking them raises."""

    def question(pod):
        said = says[pod.pod_id.replace("-", "_")]
        if isinstance(said, Exception):
            raise said
        return said

    return FanOut(2).ask(PODS, question, 5.0)


@pytest.mark.parametrize(
    "trouble",
    [
        PodUnreachable("pod-a", "timed out", sent=True),
        no_answer(PODS[0], PodReply(302, {}, b"")),
        refusal(PODS[0]),
        ValueError("too many values to unpack"),
        RecursionError(),
    ],
)
def test_a_pod_that_gives_no_answer_others_do_is_missing(trouble):
    answers = ask(pod_a=trouble, pod_b="here")

    assert (answers.given, answers.missing) == (((PODS[1], "here"),), (PODS[0],))


def test_what_all_refuse_is_refused_in_the_oldest_ones_words():
    refusals = [refusal(pod) for pod in PODS]

    with pytest.raises(PodRefused) as refused:
        ask(pod_a=refusals[0], pod_b=refusals[1])
    assert refused.value is refusals[0]


def test_an_error_of_our_own_is_no_pods():
    with pytest.raises(StoreBusy):
        ask(pod_a=StoreBusy("throttled"), pod_b="here")


def test_no_answer_is_counted_under_its_pod_and_logged_once(capsys):
    observability.logger().setLevel("INFO")
    with measures.measured():
        ask(pod_a=no_answer(PODS[0], PodReply(302, {}, b"")), pod_b="here")

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = (line for line in printed if line.get("message") == "pod gives no answer")
    assert (line["pod"], line["error"]) == (
        PODS[0].pod_name,
        f"{PODS[0].pod_name} answered 302, which is no answer",
    )
    (record,) = (line for line in printed if "PodNoAnswers" in line)
    assert (record["pod"], record["PodNoAnswers"]) == (PODS[0].pod_name, [1])


def test_what_a_pod_is_asked_carries_the_requests_correlation_id():
    with correlated("req-1"):
        answers = FanOut(1).ask(PODS, lambda pod: correlation_id(), 5.0)

    assert answers == Answers(tuple((pod, "req-1") for pod in PODS), ())


def test_a_pod_that_is_not_done_in_time_is_missing_whatever_comes_of_it():
    late = threading.Event()

    def question(pod):
        if pod is PODS[0]:
            late.wait(10)
            raise StoreBusy("throttled")
        return "here"

    answers = FanOut(2).ask(PODS, question, 2.0)
    late.set()

    assert answers == Answers(((PODS[1], "here"),), (PODS[0],))


def test_nobody_is_asked_where_there_are_no_pods():
    assert FanOut(1).ask([], refusal, 5.0) == Answers((), ())


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (PodUnreachable("pod-a", "timed out", sent=True), []),  # whoever sent the request has logged it
        (refusal(PODS[0]), []),
        (ValueError("too many values to unpack"), [("ERROR", PODS[0].pod_name, "ValueError")]),
    ],
)
def test_only_what_is_unforeseen_is_logged_as_an_error(capsys, error, lines):
    observability.logger().setLevel("INFO")
    ask(pod_a=error, pod_b="here")

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["pod"], line["exception_name"]) for line in printed] == lines
