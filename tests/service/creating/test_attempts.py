"""Attempts: which answer is the client's, when the next pod is tried, what becomes of the room."""

from __future__ import annotations

import json

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.errors import InvalidField, NoPod, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.pod_request import PodReply
from chalicelib.model.snapshot import snapshot_of
from chalicelib.service.creating.attempts import MOST_PODS, Conclusion
from tests.builders import a_filled_pod, a_flavor, a_spec
from tests.service.desk import World

PODS = [a_filled_pod(f"pod-{letter}", used) for used, letter in enumerate("abcde")]
ONE = a_flavor().need()
NOVAS = {"x-openstack-request-id": "req-9"}


def proxy_page(status):
    return PodReply(status, {"retry-after": "5"}, b"<html>")


class Trial(World):
    """A create over five pods that answer what a test says."""

    def __init__(self, *answers, pods=PODS):
        self.answers, self.asked = list(answers), []
        super().__init__(*pods)
        self.pods = pods

    def send(self, pod):
        self.asked.append(pod.pod_id)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, PodReply):
            return answer
        return PodReply(answer, NOVAS, b"" if answer < 400 else b'{"aFault": {"code": 1}}')

    def make(self):
        return self.services.servers.attempts.make(a_spec(), snapshot_of(self.pods), self.send)

    @property
    def claimed(self):
        balances = (self.outside.claims.read(pod.pod_id) for pod in self.pods)
        return sum((balance.claimed for balance in balances if balance), Amounts())


def silence(sent):
    return PodUnreachable("pod", "it doesn't answer", sent=sent)


@pytest.mark.parametrize(
    ("status", "conclusion", "claimed"),
    [
        (202, Conclusion.ACCEPTED, ONE),
        (400, Conclusion.REFUSED, Amounts()),
        (413, Conclusion.REFUSED, Amounts()),
        (500, Conclusion.UNKNOWN, ONE),
        (503, Conclusion.REFUSED, Amounts()),  # Nova says so before it does anything
    ],
)
def test_a_pods_answer_is_the_clients_and_only_a_refusal_gives_the_room_back(status, conclusion, claimed):
    trial = Trial(status)

    sent = trial.make()

    assert (sent.reply.status, sent.conclusion, sent.chosen.pod.pod_id) == (
        status,
        conclusion,
        trial.asked[0],
    )
    assert len(trial.asked) == 1
    assert trial.claimed == claimed


def test_a_claim_counts_the_servers_of_its_create():
    trial = Trial(202)
    sent = trial.services.servers.attempts.make(a_spec(count=3), snapshot_of(trial.pods), trial.send)

    claims = trial.outside.claims.read(sent.chosen.pod.pod_id).claims
    assert [(claim.count, claim.need) for claim in claims.values()] == [(3, ONE.times(3))]


def test_what_claims_hold_by_an_old_report_is_counted_anew_before_a_create_is_refused():
    held = a_filled_pod(claimed=Amounts(vcpus=95))
    trial = Trial(202, pods=[held])
    trial.outside.claims.open(a_filled_pod())

    assert trial.make().conclusion is Conclusion.ACCEPTED


@pytest.mark.parametrize("status", [400, 401, 404, 413, 429])
def test_a_pod_whose_proxy_passes_nothing_on_is_passed_over_too(status):
    trial = Trial(proxy_page(status), 202)

    assert trial.make().chosen.pod.pod_id == trial.asked[1]
    assert trial.claimed == ONE


def test_a_pod_that_nothing_could_be_sent_to_is_passed_over_and_holds_no_room():
    trial = Trial(silence(sent=False), 202)

    sent = trial.make()

    assert len(set(trial.asked)) == 2
    assert sent.chosen.pod.pod_id == trial.asked[1]
    assert trial.claimed == ONE


def test_after_three_pods_that_cant_be_reached_the_client_is_told_to_try_again():
    trial = Trial(silence(sent=False))

    with pytest.raises(Unavailable, match=r"The pods that could take the server don't answer now\."):
        trial.make()

    assert len(set(trial.asked)) == MOST_PODS == 3
    assert trial.claimed == Amounts()


def test_when_no_pod_is_left_the_unreachable_ones_are_the_reason():
    told = r"The pod that could take the server doesn't answer now\."
    with pytest.raises(Unavailable, match=told) as refused:
        Trial(silence(sent=False), pods=PODS[:1]).make()

    assert isinstance(refused.value.__cause__, NoPod)


@pytest.mark.parametrize("lost", [silence(sent=True), *map(proxy_page, (200, 302, 500, 502, 503, 504))])
def test_a_lost_answer_is_an_unknown_outcome_in_one_pod_whose_room_stays_claimed(lost):
    trial = Trial(lost)

    told = r"The outcome of the create is unknown; list servers before trying again\."
    with pytest.raises(OutcomeUnknown, match=told):
        trial.make()

    assert len(trial.asked) == 1
    assert trial.claimed == ONE


@pytest.mark.parametrize("error", [InvalidField("accept", "must be ASCII"), RecursionError(), KeyError("x")])
def test_a_create_that_could_not_even_be_put_together_gives_its_room_back(error):
    trial = Trial(error)

    with pytest.raises(type(error)):
        trial.make()

    assert trial.claimed == Amounts()


def test_a_create_that_is_broken_off_may_have_been_sent_so_its_room_stays_claimed():
    trial = Trial(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        trial.make()

    assert trial.claimed == ONE


@pytest.mark.parametrize("error", [RuntimeError("AccessDenied"), KeyboardInterrupt()])
@pytest.mark.parametrize("part", ["projects", "bindings"])
def test_whatever_goes_wrong_before_it_is_sent_gives_the_room_back(error, part):
    trial = Trial(202)
    store = getattr(trial.outside, part)

    def fail(*_):
        raise error

    for write in ("add", "addition", "commit"):
        if hasattr(store, write):
            setattr(store, write, fail)
    with pytest.raises(type(error)):
        trial.make()

    assert (trial.asked, trial.claimed) == ([], Amounts())


def over_quota(noun):
    told = f"Quota exceeded for {noun}: Requested 1, but already used 2 of 2 {noun}"
    return PodReply(403, NOVAS, json.dumps({"forbidden": {"code": 403, "message": told}}).encode())


def test_a_pods_own_quota_is_that_pods_lack_of_room_and_the_next_pod_is_tried():
    trial = Trial(over_quota("instances"), 202)

    sent = trial.make()

    assert sent.conclusion is Conclusion.ACCEPTED
    assert len(set(trial.asked)) == 2
    assert sent.chosen.pod.pod_id == trial.asked[1]
    assert trial.claimed == ONE


def test_if_no_pod_is_left_the_last_pods_own_refusal_is_the_clients():
    trial = Trial(over_quota("cores"), over_quota("ram"), pods=PODS[:2])

    sent = trial.make()

    assert (sent.reply, len(trial.asked)) == (over_quota("ram"), 2)
    assert trial.claimed == Amounts()


def test_a_pod_that_has_no_room_for_the_creates_keypair_is_passed_over_too():
    full = PodReply(
        403, NOVAS, b'{"forbidden": {"code": 403, "message": "Quota exceeded, too many key pairs."}}'
    )
    trial = Trial(full, 202)

    sent = trial.make()

    assert (sent.conclusion, len(trial.asked)) == (Conclusion.ACCEPTED, 2)


@pytest.mark.parametrize(
    "body",
    [
        b'{"forbidden": {"code": 403, "message": "Quota exceeded, too many servers in group"}}',
        b'{"forbidden": {"code": 403, "message": "Policy doesn\'t allow it"}}',
        b'{"forbidden": {"code": 403}}',
        b'{"forbidden": {"code": 403, "message": ["Quota exceeded for cores"]}}',
    ],
)
def test_any_other_403_of_novas_is_the_clients_at_once(body):
    trial = Trial(PodReply(403, NOVAS, body))

    sent = trial.make()

    assert (sent.conclusion, len(trial.asked)) == (Conclusion.REFUSED, 1)
