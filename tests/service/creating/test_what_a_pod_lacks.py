"""What a pod lacks, another may have: which of Nova's refusals say so, and where the binding goes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import change_of
from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.pod_request import PodReply
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.service.asking.retry_budget import RetryBudget
from chalicelib.service.creating.attempts import Conclusion
from tests.builders import PROJECT, a_binding, a_spec
from tests.service.creating.test_attempts import NOVAS, ONE, PODS, Trial

IMAGE = "Can not find requested image"


def refusal(message, status=400, fault="badRequest"):
    return PodReply(status, NOVAS, json.dumps({fault: {"code": status, "message": message}}).encode())


def bindings_of(trial):
    return [(b.pod_id, b.generation) for b in trial.outside.bindings.of_project(PROJECT, "general")]


@pytest.mark.parametrize(
    "lacking",
    [
        refusal(IMAGE),
        refusal("Block Device Mapping is Invalid: failed to get image 1c2d."),
        refusal("Network 1c2d could not be found."),
        refusal("Volume type fast could not be found."),
        refusal("Maximum number of ports exceeded", 403, "forbidden"),
    ],
    ids=lambda reply: json.loads(reply.body).popitem()[1]["message"],
)
def test_a_pod_without_what_a_create_needs_is_passed_over(lacking):
    trial = Trial(lacking, 202)

    sent = trial.make()

    assert (sent.conclusion, len(set(trial.asked))) == (Conclusion.ACCEPTED, 2)
    assert sent.chosen.pod.pod_id == trial.asked[1]
    assert trial.claimed == ONE


@pytest.mark.parametrize(
    "other",
    [
        refusal("Invalid key_name provided."),
        refusal("Network is unreachable, and so could not be found out."),
        refusal("More than one possible network found."),
        refusal(IMAGE, fault="itemNotFound"),
        refusal(IMAGE, 403, "forbidden"),
        refusal(IMAGE, 404),
        refusal([IMAGE]),
        refusal("Maximum number of ports exceeded"),
        refusal("Quota exceeded for cores: Requested 1"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body.decode()}",
)
def test_any_other_refusal_is_the_clients_at_once(other):
    trial = Trial(other)

    sent = trial.make()

    assert (sent.reply, sent.conclusion, len(trial.asked)) == (other, Conclusion.REFUSED, 1)
    assert trial.claimed == Amounts()


def test_a_binding_that_the_create_made_itself_moves_on_with_it():
    trial = Trial(refusal(IMAGE), 202)

    sent = trial.make()

    assert sent.chosen.decision.action is Action.UPDATE
    assert bindings_of(trial) == [(trial.asked[1], 2)]


def test_it_moves_on_each_time_the_create_is_refused():
    trial = Trial(refusal(IMAGE), refusal(IMAGE), 202)

    trial.make()

    assert bindings_of(trial) == [(trial.asked[2], 3)]


def test_an_older_binding_stays_and_this_server_alone_goes_elsewhere():
    trial = Trial(refusal(IMAGE), 202)
    trial.outside.bindings.commit(change_of(None, a_binding("pod-a")))

    sent = trial.make()

    assert sent.chosen.decision.action is Action.DIVERT
    assert bindings_of(trial) == [("pod-a", 1)]
    assert (trial.asked[0], len(trial.asked)) == ("pod-a", 2)


def test_if_every_pod_lacks_it_the_client_is_told_so_in_novas_words():
    trial = Trial(refusal(IMAGE), pods=PODS[:2])

    sent = trial.make()

    assert (sent.reply, len(trial.asked)) == (refusal(IMAGE), 2)
    assert trial.claimed == Amounts()


@pytest.mark.parametrize("order", [1, -1], ids=["refused first", "silent first"])
def test_what_only_a_silent_pod_might_have_is_not_denied(order):
    silence = PodUnreachable("pod", "it doesn't answer", sent=False)
    trial = Trial(*[refusal("Volume type fast could not be found."), silence][::order], pods=PODS[:2])

    with pytest.raises(Unavailable):
        trial.make()

    assert (len(set(trial.asked)), trial.claimed) == (2, Amounts())


def test_nor_is_it_where_the_silent_pod_ends_the_budget():
    silence = PodUnreachable("pod", "it doesn't answer", sent=False)
    trial = Trial(refusal("Volume type fast could not be found."), silence, 202)
    attempts = replace(trial.services.servers.attempts, budget=RetryBudget(share=0.0, most=0.0))

    with pytest.raises(Unavailable):
        attempts.make(a_spec(), snapshot_of(trial.pods), trial.send)

    assert (len(trial.asked), trial.claimed) == (2, Amounts())
