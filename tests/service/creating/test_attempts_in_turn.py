"""Attempts: what each reply means at the edges, and what is left of several attempts."""

from __future__ import annotations

import json

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.errors import OutcomeUnknown, Unavailable
from chalicelib.model.pod_request import PodReply
from chalicelib.model.snapshot import snapshot_of
from chalicelib.service.asking.retry_budget import RetryBudget
from chalicelib.service.creating.attempts import Attempts, Conclusion, Lost, conclusion_from
from chalicelib.service.creating.intents import NoIntent
from tests.builders import a_spec
from tests.service.creating.test_attempts import NOVAS, PODS, Trial, over_quota, silence


@pytest.mark.parametrize(
    ("status", "conclusion"),
    [
        (200, Conclusion.UNKNOWN),
        (201, Conclusion.UNKNOWN),
        (202, Conclusion.ACCEPTED),
        (203, Conclusion.UNKNOWN),
        (399, Conclusion.UNKNOWN),
        (400, Conclusion.REFUSED),
        (403, Conclusion.REFUSED),
        (499, Conclusion.REFUSED),
        (500, Conclusion.UNKNOWN),
        (502, Conclusion.UNKNOWN),
        (503, Conclusion.REFUSED),
        (504, Conclusion.UNKNOWN),
    ],
)
def test_only_what_nova_says_before_it_does_anything_refuses_and_only_202_accepts(status, conclusion):
    assert conclusion_from(PodReply(status, NOVAS, b"{}")) is conclusion


def test_a_silence_is_unknown_only_if_something_was_sent():
    assert conclusion_from(silence(sent=True)) is Conclusion.UNKNOWN
    assert conclusion_from(silence(sent=False)) is Conclusion.UNREACHED


@pytest.mark.parametrize(
    ("status", "message", "conclusion"),
    [
        (403, "Quota exceeded for cores: Requested 1", Conclusion.LACKS),
        (403, "Quota exceeded, too many key pairs.", Conclusion.LACKS),
        (403, "No: Quota exceeded for cores", Conclusion.REFUSED),
        (413, "Quota exceeded for cores: Requested 1", Conclusion.REFUSED),
    ],
)
def test_a_pods_quota_is_known_by_novas_status_and_words(status, message, conclusion):
    body = json.dumps({"forbidden": {"message": message}}).encode()

    assert conclusion_from(PodReply(status, NOVAS, body)) is conclusion


class Noted(NoIntent):
    """An intent that notes when it is written and when it is told that nothing came of it."""

    def __init__(self):
        self.noted = []

    def ensure(self, chosen):
        self.noted.append(chosen.pod.pod_id)

    def failed(self):
        self.noted.append("failed")


def make(trial, spec=None, budget=None):
    """What came of it, the intent's notes, and which pods were told."""
    intent, attempts = Noted(), trial.services.servers.attempts
    attempts = Attempts(attempts.binder, attempts.resource, budget or RetryBudget())
    try:
        came = attempts.make(spec or a_spec(), snapshot_of(trial.pods), trial.send, "user-1", intent=intent)
    except Exception as error:
        came = error
    return came, intent.noted, trial.asked


def test_an_accepted_and_an_unknown_create_leave_their_intent_open():
    for status in (202, 500):
        _, noted, asked = make(Trial(status))
        assert noted == asked

    lost, noted, asked = make(Trial(silence(sent=True)))
    assert (type(lost), noted) == (Lost, asked)
    assert isinstance(lost, OutcomeUnknown)
    assert lost.chosen.pod.pod_id == asked[0]


@pytest.mark.parametrize("answer", [400, 503, over_quota("cores"), KeyError("x")])
def test_what_made_nothing_ends_its_intent_once(answer):
    _, noted, _ = make(Trial(answer, pods=PODS[:1]))

    assert noted.count("failed") == 1
    assert noted[-1] == "failed"


def test_of_a_full_and_two_silent_pods_the_full_ones_refusal_is_the_clients():
    trial = Trial(over_quota("cores"), silence(sent=False))

    sent, noted, asked = make(trial)

    assert (sent.reply, sent.conclusion) == (over_quota("cores"), Conclusion.LACKS)
    assert (sent.chosen.pod.pod_id, len(set(asked)), noted[-1]) == (asked[0], 3, "failed")
    assert trial.claimed == Amounts()


def test_a_silent_pod_before_a_full_one_is_not_told_of():
    sent, _, asked = make(Trial(silence(sent=False), over_quota("ram"), pods=PODS[:2]))

    assert (sent.reply, sent.chosen.pod.pod_id) == (over_quota("ram"), asked[1])


def test_without_a_budget_for_it_no_other_pod_is_tried_after_a_silent_one():
    spent = RetryBudget(share=0.0, most=0.0)
    refused, noted, asked = make(Trial(silence(sent=False), 202), budget=spent)
    assert (type(refused), len(asked), noted[-1]) == (Unavailable, 1, "failed")

    full_first = make(Trial(over_quota("cores"), silence(sent=False), 202), budget=spent)
    assert (full_first[0].reply, len(full_first[2])) == (over_quota("cores"), 2)


def test_a_pods_quota_costs_no_budget_and_each_create_earns_some_once():
    budget = RetryBudget(share=0.5, most=1.0)
    assert budget.spend()
    make(Trial(over_quota("cores"), over_quota("cores"), 202), budget=budget)
    assert not budget.spend()
    make(Trial(202), budget=budget)

    assert budget.spend()


def test_the_history_of_the_binding_names_the_user():
    trial = Trial(202)
    sent, _, _ = make(trial)

    (event,) = trial.outside.bindings.history(sent.chosen.binding.key)
    assert event.user_id == "user-1"


def test_a_create_that_nobody_could_take_even_at_first_is_refused_as_decided():
    refused, noted, asked = make(Trial(202), a_spec(az_name="nowhere"))

    assert (refused.status, noted, asked) == (400, ["failed"], [])
