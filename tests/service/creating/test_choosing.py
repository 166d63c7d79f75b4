"""Choosing: what is decided and taken for a create, and what is left when it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Claim
from chalicelib.model.errors import NoPod, OverQuota, PodClosed, StoreBusy
from chalicelib.model.pod import PodState
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.profile import SPREAD
from chalicelib.service.creating.choosing import MOST_CLAIMS, Grounds
from tests.builders import NOW, PROJECT, a_binding, a_claim, a_filled_pod, a_flavor, a_spec
from tests.service.desk import World

PODS = [a_filled_pod(f"pod-{letter}", 20 * number) for number, letter in enumerate("abcd")]
ONE = a_flavor().need()


@dataclass
class Trial(World):
    """A choice over these pods, under a quota that refuses, or counts what is taken and given back."""

    pods: list = field(default_factory=lambda: PODS)
    listed: list | None = None
    refuses: bool = False
    taken: list = field(default_factory=list)
    given_back: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__(*self.pods)
        self.choosing = self.services.servers.attempts.binder.choosing
        for pod in self.pods:
            self.outside.claims.open(pod)
        self.grounds = Grounds(snapshot_of(self.listed or self.pods, 7), SPREAD, self.take_quota)

    def take_quota(self, decision):
        self.taken.append(decision)
        if self.refuses:
            raise OverQuota("Quota exceeded for cores")
        return lambda: self.given_back.append(decision)

    def choose(self, spec=None):
        return self.choosing.choose(spec or a_spec(), self.grounds)

    def used_up(self, *pods):
        for pod in pods:
            others = a_claim(pod.pod_id, Amounts(vcpus=100 - pod.used.vcpus), "others")
            self.outside.claims.claim(others, Amounts())

    @property
    def kept(self):
        return self.outside.decisions.list()

    @property
    def claimed(self):
        balances = self.outside.claims.all().values()
        return sum((balance.claimed for balance in balances), Amounts())


def test_the_chosen_pod_comes_with_its_decision_its_claim_and_what_gives_both_back():
    trial = Trial()

    chosen = trial.choose()

    claim = Claim("pod-a", "id-1", int(NOW.timestamp()), ONE)
    assert (chosen.pod, chosen.claim, chosen.binding) == (PODS[0], claim, None)
    assert (chosen.action, chosen.decision.decision_id) == (Action.CREATE, "id-1")
    assert chosen.decision.snapshot_version == 7
    assert (trial.taken, trial.given_back, trial.kept) == ([chosen.decision], [], [])

    chosen.release()
    assert (trial.claimed, trial.given_back) == (Amounts(), [chosen.decision])


def test_over_quota_nothing_is_claimed_in_a_pod():
    trial = Trial(refuses=True)

    with pytest.raises(OverQuota):
        trial.choose()
    assert (trial.claimed, len(trial.taken)) == (Amounts(), 1)


def test_where_there_is_no_room_the_quota_refuses_first_but_what_it_allows_is_given_back():
    full = [a_filled_pod("full", 100)]
    over, under = Trial(full, refuses=True), Trial(full)

    with pytest.raises(OverQuota):
        over.choose()
    with pytest.raises(NoPod) as refused:
        under.choose()

    assert refused.value.status == 409
    assert under.taken == under.given_back == under.kept
    assert [decision.decision_id for decision in over.kept] == ["id-1"]


def test_for_any_other_reason_the_quota_is_not_asked():
    trial = Trial(refuses=True)

    with pytest.raises(NoPod) as refused:
        trial.choose(a_spec(az_name="nowhere"))
    assert (refused.value.status, trial.taken) == (400, [])


@pytest.mark.parametrize("error", [StoreBusy("no"), KeyboardInterrupt()])
def test_a_claim_that_fails_gives_the_quota_back(error, monkeypatch):
    trial = Trial()

    def fail(*_):
        raise error

    monkeypatch.setattr(trial.outside.claims, "claim", fail)
    with pytest.raises(type(error)):
        trial.choose()
    assert len(trial.taken) == 1
    assert trial.given_back == trial.taken


def test_each_refused_claim_gives_its_quota_back_and_teaches_the_next_decision():
    trial = Trial()
    trial.used_up(*PODS[:2])

    chosen = trial.choose()

    assert chosen.pod == PODS[2]
    assert [decision.decision_id for decision in trial.taken] == ["id-1", "id-2", "id-3"]
    assert trial.given_back == trial.taken[:2]
    assert [pod.claimed.vcpus for pod in trial.grounds.snapshot] == [100, 80, 0, 0]


def test_after_three_refused_claims_the_refusal_tells_of_the_full_pods_alone():
    trial = Trial()
    trial.used_up(*PODS[:3])

    with pytest.raises(NoPod, match="3 by capacity") as refused:
        trial.choose()

    (kept,) = trial.kept
    assert (kept.decision_id, kept.snapshot_version) == (refused.value.decision_id, 7)
    assert [pod.pod_id for pod in kept.rejected] == ["pod-a", "pod-b", "pod-c"]
    assert len(trial.taken) == MOST_CLAIMS + 1
    assert trial.given_back == trial.taken


def test_pods_that_refuse_claims_for_which_they_seem_to_have_room_are_the_stores_trouble(monkeypatch):
    trial = Trial()

    def closed(claim, least):
        raise PodClosed(claim.pod_id)  # and the pod's record says that it is open

    monkeypatch.setattr(trial.outside.claims, "claim", closed)
    with pytest.raises(StoreBusy, match="change faster than a decision"):
        trial.choose()
    assert trial.kept == []


def test_claims_are_counted_anew_once_before_a_create_is_refused(monkeypatch):
    held = [replace(pod, claimed=Amounts(vcpus=100)) for pod in PODS[:2]]
    trial = Trial(PODS[:2], listed=held)
    trial.used_up(PODS[1])
    reads, read = [], trial.outside.claims.read
    monkeypatch.setattr(trial.outside.claims, "read", lambda pod_id: reads.append(pod_id) or read(pod_id))

    assert trial.choose().pod.pod_id == "pod-a"
    assert (reads, trial.grounds.recounted) == (["pod-a", "pod-b"], True)
    trial.grounds.snapshot = snapshot_of(held)
    with pytest.raises(NoPod):
        trial.choose()
    assert reads == ["pod-a", "pod-b"]


@pytest.fixture
def lost():
    """A choice whose project another request has bound to pod-b, and which knows of an older binding."""
    trial = Trial()
    elsewhere, older = a_binding("pod-z", "az2"), a_binding("pod-a")
    winner = a_binding("pod-b", generation=2)
    return trial, a_spec(bindings=(elsewhere, older)), winner, elsewhere


def test_the_winner_of_a_race_is_followed_on_a_decision_over_its_pod_alone(lost):
    trial, spec, winner, elsewhere = lost

    chosen = trial.choosing.follow(winner, spec, trial.grounds)

    assert (chosen.pod, chosen.binding, chosen.action) == (PODS[1], winner, Action.KEEP)
    assert chosen.decision.spec.bindings == (elsewhere, winner)
    assert (chosen.decision.decision_id, chosen.decision.snapshot_version) == ("id-1", 7)
    assert (chosen.decision.weighed_count, chosen.decision.rejected) == (1, ())
    assert trial.outside.claims.read("pod-b").claims == {"id-1": chosen.claim}
    assert trial.taken == [chosen.decision]


def test_a_winner_in_a_pod_that_filled_up_or_takes_nothing_new_is_not_followed(lost):
    trial, spec, winner, _ = lost
    trial.used_up(PODS[1])
    assert trial.choosing.follow(winner, spec, trial.grounds) is None
    assert trial.given_back == trial.taken

    cordoned = replace(PODS[1], state=PodState.CORDONED)
    trial.grounds.snapshot = snapshot_of([PODS[0], cordoned])
    assert trial.choosing.follow(winner, spec, trial.grounds) is None
    assert trial.choosing.follow(replace(winner, pod_id="gone"), spec, trial.grounds) is None
    assert (len(trial.taken), winner.key.project_id) == (1, PROJECT)
