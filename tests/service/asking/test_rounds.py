"""Rounds: every pod has a thread and a deadline of its own, and a hanging one costs nobody anything."""

import threading
import time

import pytest

from chalicelib.model.errors import AlreadyAsked, PodUnreachable
from chalicelib.observability import correlated, correlation_id
from chalicelib.service.asking.rounds import Rounds
from tests.builders import a_pod


class Question:
    """Answers by pod: an error to raise, an event to wait for, or its own id."""

    def __init__(self, **by_pod):
        self.by_pod = {name.replace("_", "-"): answer for name, answer in by_pod.items()}
        self.asked = []

    def __call__(self, pod):
        self.asked.append(pod.pod_id)
        answer = self.by_pod.get(pod.pod_id)
        if isinstance(answer, threading.Event):
            answer.wait(10)
        if isinstance(answer, Exception):
            raise answer
        return f"{pod.pod_id} for {correlation_id()}"


def pods(count):
    return [a_pod(f"pod-{number}") for number in range(count)]


def fates(rounds, asked):
    """What came of each pod: its answer, or the type of its error."""
    heard = list(rounds.ask(asked))
    assert len(heard) == len({pod.pod_id for pod, _ in heard}) == len(asked)
    return {pod.pod_id: type(x) if isinstance(x, Exception) else x for pod, x in heard}


@pytest.fixture
def hanging():
    event = threading.Event()
    yield event
    event.set()


def test_each_pod_comes_with_its_answer_or_the_error_that_it_cost():
    rounds = Rounds("look", Question(pod_1=KeyError("odd")), 5.0)

    with correlated("req-tick"):
        found = fates(rounds, pods(3))

    assert found == {"pod-0": "pod-0 for req-tick", "pod-1": KeyError, "pod-2": "pod-2 for req-tick"}


def test_a_round_over_no_pods_is_done_at_once():
    assert fates(Rounds("look", Question(), 5.0), []) == {}


def test_a_pod_that_hangs_delays_no_other_and_is_out_of_reach_at_its_deadline(hanging):
    started = time.monotonic()
    found = fates(Rounds("look", Question(pod_0=hanging), 1.0), pods(2))

    assert time.monotonic() - started < 8
    assert found["pod-0"] is PodUnreachable
    assert found["pod-1"].startswith("pod-1")


def test_of_a_pod_that_hangs_it_is_told_how_long_it_was_waited_for(hanging):
    ((_, silence),) = Rounds("look", Question(pod_0=hanging), 0.25).ask(pods(1))

    assert (silence.pod_id, silence.sent) == ("pod-0", True), "it may have done what it was asked"
    assert str(silence) == "Pod0 gave no answer within 0.25 s"


def test_pods_that_hang_give_their_places_to_those_that_wait(hanging):
    question = Question(**{f"pod_{number}": hanging for number in range(3)})
    found = fates(Rounds("look", question, 1.0, workers=2), pods(6))

    assert [name for name, fate in found.items() if fate is PodUnreachable] == ["pod-0", "pod-1", "pod-2"]


def test_no_more_pods_are_asked_at_once_than_there_are_workers():
    at_once, most = [], []

    def question(pod):
        at_once.append(pod)
        most.append(len(at_once))
        time.sleep(0.02)
        at_once.remove(pod)

    fates(Rounds("look", question, 5.0, workers=2), pods(6))
    assert max(most) == 2


def test_each_pod_has_a_deadline_of_its_own():
    found = fates(Rounds("look", lambda pod: time.sleep(0.3), 1.0, workers=1), pods(4))
    assert set(found.values()) == {None}


def test_a_pod_that_answers_late_in_its_round_is_not_heard_again(hanging):
    def question(pod):
        if pod.pod_id == "pod-0":
            hanging.wait(10)
        else:
            hanging.set()
            time.sleep(0.1)

    assert fates(Rounds("look", question, 1.0, workers=1), pods(2)) == {
        "pod-0": PodUnreachable,
        "pod-1": None,
    }


def test_a_pod_that_still_hangs_is_not_asked_again_until_it_lets_go(hanging):
    question = Question(pod_0=hanging)
    rounds = Rounds("look", question, 1.0)
    assert fates(rounds, pods(1)) == fates(rounds, pods(1)) == {"pod-0": PodUnreachable}
    assert question.asked == ["pod-0"]

    hanging.set()
    for thread in threading.enumerate():
        if thread.name == "look-Pod0":
            thread.join(10)
    assert fates(rounds, pods(1))["pod-0"].startswith("pod-0")


def test_a_pod_that_another_round_is_asking_is_told_apart_from_one_that_hangs(hanging):
    question = Question(pod_0=hanging)
    rounds = Rounds("look", question, 5.0)
    other = threading.Thread(target=list, args=(rounds.ask(pods(1)),))
    other.start()
    while not question.asked:
        time.sleep(0.01)

    assert fates(rounds, pods(1)) == {"pod-0": AlreadyAsked}
    hanging.set()
    other.join()


def test_threads_of_a_pod_that_hangs_hold_up_no_exit(hanging):
    fates(Rounds("look", Question(pod_0=hanging), 0.1), pods(1))
    left = [thread for thread in threading.enumerate() if thread.name == "look-Pod0"]
    assert left
    assert all(thread.daemon for thread in left)
