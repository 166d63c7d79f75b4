"""Binder: what is written of a binding, and in which order a create's intent, binding and pod are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.memory.transaction import Step
from chalicelib.model.binding import change_of
from chalicelib.model.errors import BindingConflict, OverQuota, StillCreating
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.decision import Action
from chalicelib.service.creating.intents import NoIntent
from tests.builders import NOW, PROJECT, a_binding, a_filled_pod, a_spec
from tests.service.desk import World

IDLE, HALF, FULL = (a_filled_pod(f"pod-{name}", used) for name, used in (("i", 0), ("h", 50), ("f", 100)))
KEY = a_binding().key
LATER = NOW + timedelta(seconds=5)


class Noted(NoIntent):
    """An intent that notes what it is asked; ``refuses`` is raised where it would be written or checked."""

    def __init__(self, noted, refuses=None):
        self.noted, self.refuses = noted, refuses

    def writes(self, chosen):
        self.noted.append(("writes", chosen.pod.pod_id))
        return (Step(lambda: self.noted.append("written"), check=lambda: None),)

    def joined(self, chosen):
        self.noted.append(("joined", chosen.pod.pod_id))

    def check(self):
        self.noted.append("check")
        if self.refuses:
            raise self.refuses

    def ensure(self, chosen):
        self.noted.append(("ensure", chosen.pod.pod_id))
        if self.refuses:
            raise self.refuses


class Trial(World):
    """A project's create over pods, which notes in which order things are done."""

    def __init__(self, *pods, bound_to="", **intent):
        super().__init__(*pods)
        self.noted, self.taken, self.given_back = [], [], []
        self.binder = self.services.servers.attempts.binder
        if bound_to:
            self.outside.bindings.commit(change_of(None, a_binding(bound_to)))
        self.intent = Noted(self.noted, **intent)
        self.clock.passes(5)

    def take_quota(self, decision):
        self.taken.append(decision)
        return lambda: self.given_back.append(decision)

    def bind(self, spec=None):
        now = snapshot_of(self.outside.pods.list())
        spec = spec or a_spec(request_id="req-1")
        return self.binder.bind(spec, now, "user-1", self.take_quota, self.intent)

    def loses_to(self, winner):
        """Another request binds the project just before this one does, once."""
        commit = self.outside.bindings.commit

        def lose(change, also=()):
            self.outside.bindings.commit = commit
            if winner is not None:
                commit(change_of(None, winner))
            raise BindingConflict(winner)

        self.outside.bindings.commit = lose

    @property
    def stored(self):
        return self.outside.bindings.get(KEY)


def test_a_first_binding_is_written_whole_in_one_transaction_with_the_intent():
    trial = Trial(IDLE, HALF)

    chosen = trial.bind()

    assert trial.stored == a_binding(
        "pod-i",
        created_at=LATER,
        updated_at=LATER,
        reason="bound to PodI: the best of 2 pods that can take it",
        decision_id=chosen.decision.decision_id,
    )
    assert trial.noted == [("writes", "pod-i"), "written", ("joined", "pod-i"), ("ensure", "pod-i")]
    assert (trial.taken, trial.given_back) == ([chosen.decision], [])


def test_a_moved_binding_keeps_when_it_was_made():
    trial = Trial(IDLE, FULL, bound_to="pod-f")

    chosen = trial.bind()

    assert (
        chosen.binding
        == trial.stored
        == replace(
            a_binding("pod-i", generation=2, updated_at=LATER),
            reason="moved from PodF to PodI: vcpus would be 101% full, limit 95%",
            decision_id=chosen.decision.decision_id,
        )
    )
    event = trial.outside.bindings.history(KEY)[-1]
    assert (event.user_id, event.request_id, event.at) == ("user-1", "req-1", LATER)


@pytest.mark.parametrize("spec", [a_spec(), a_spec().failed_in("pod-h")], ids=["keep", "divert"])
def test_where_the_binding_stays_the_intent_is_written_alone(spec):
    trial = Trial(IDLE, HALF, bound_to="pod-h")

    chosen = trial.bind(spec)

    assert trial.noted == [("ensure", chosen.pod.pod_id)]
    assert trial.outside.projects.pod_ids(PROJECT) >= {chosen.pod.pod_id}


def test_an_intent_that_can_not_be_written_gives_room_and_quota_back():
    trial = Trial(IDLE, bound_to="pod-i", refuses=StillCreating())

    with pytest.raises(StillCreating):
        trial.bind()

    assert trial.outside.claims.read("pod-i").claims == {}
    assert trial.given_back == trial.taken
    assert trial.outside.decisions.list() == []


def test_who_loses_a_race_checks_its_intent_after_it_gave_all_back_and_follows_the_winner():
    trial = Trial(IDLE, HALF)
    trial.loses_to(a_binding("pod-h", decision_id="rival"))

    chosen = trial.bind()

    assert (chosen.pod.pod_id, chosen.action) == ("pod-h", Action.KEEP)
    assert trial.noted == [("writes", "pod-i"), "check", ("ensure", "pod-h")]
    assert trial.given_back == trial.taken[:1]
    assert [decision.decision_id for decision in trial.outside.decisions.list()] == [
        chosen.decision.decision_id
    ]


def test_who_loses_a_race_to_the_same_create_stops_and_holds_nothing():
    trial = Trial(IDLE, HALF, refuses=StillCreating())
    trial.loses_to(a_binding("pod-h", decision_id="rival"))

    with pytest.raises(StillCreating):
        trial.bind()

    assert trial.noted == [("writes", "pod-i"), "check"]
    assert trial.given_back == trial.taken


def test_a_race_lost_to_nobody_who_is_still_there_is_run_again():
    trial = Trial(IDLE, HALF)
    trial.loses_to(None)

    assert trial.bind().action is Action.CREATE
    assert trial.noted[:4] == [("writes", "pod-i"), "check", ("writes", "pod-i"), "written"]


def test_a_write_of_our_own_that_only_looked_lost_counts_with_its_intent():
    trial = Trial(IDLE, HALF)
    commit = trial.outside.bindings.commit
    seen = []

    def forgetful(change, also=()):
        seen.append(commit(change, also))
        raise BindingConflict(seen[0])

    trial.outside.bindings.commit = forgetful
    chosen = trial.bind()

    assert (chosen.binding, chosen.action) == (seen[0], Action.CREATE)
    assert trial.noted == [("writes", "pod-i"), "written", ("joined", "pod-i"), ("ensure", "pod-i")]
    assert trial.given_back == []


def test_over_quota_nothing_is_bound_and_no_intent_written():
    trial = Trial(IDLE)

    def refuse(_):
        raise OverQuota("Quota exceeded")

    trial.take_quota = refuse
    with pytest.raises(OverQuota):
        trial.bind()
    assert (trial.noted, trial.stored) == ([], None)
