"""Binding: choose the pod for a create, and bind the project to it where the decision says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from chalicelib import observability
from chalicelib.model.binding import Binding, BindingKey, change_of
from chalicelib.model.claim import Claim
from chalicelib.model.errors import BindingConflict, ClaimRefused, StoreBusy
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.decision_text import binding_reason
from chalicelib.scheduler.engine import decide, passes
from chalicelib.scheduler.profile import Profile
from chalicelib.service.creating.claims import Claiming
from chalicelib.service.creating.no_pod import no_pod
from chalicelib.service.creating.placing import Placing
from chalicelib.service.ports import (
    BindingStore,
    ClaimStore,
    Clock,
    DecisionStore,
    Ids,
    PodStore,
    ProfilesInForce,
    ProjectStore,
)

MOST_DECISIONS = 3  # that one create makes while others keep winning its races
MOST_CLAIMS = 3  # that one decision tries while pods turn out to be fuller than it knew


def _nothing() -> None:
    """What there is to give back where nothing was claimed."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The pod a create goes to, and why.

    ``binding`` is the one that was used, at the generation that names the pod; None for a divert,
    which leaves bindings alone. ``claim`` is the room that was taken: call ``release``, once, when no
    server comes of it (the pod refused, or its scheduler found no host); it may be too late by then,
    and never fails.
    """

    pod: Pod
    decision: Decision
    action: Action
    binding: Binding | None
    claim: Claim | None = None
    release: Callable[[], None] = field(default=_nothing, compare=False, repr=False)


@dataclass(slots=True)
class _Known:
    """The pods as one create sees them, with what refused claims tell of them."""

    pods: Snapshot


@dataclass(slots=True)
class Binder:
    """Steps 1 to 4 of DESIGN 1: select, filter and weigh, claim, write the binding if it changes.

    ``clock`` dates bindings and claims, ``ids`` names decisions, ``timer`` (in seconds) measures them.
    """

    pods: PodStore
    bindings: BindingStore
    projects: ProjectStore
    profiles: ProfilesInForce
    decisions: DecisionStore
    clock: Clock
    ids: Ids
    claims: ClaimStore
    timer: Callable[[], float] = perf_counter
    placing: Placing = field(init=False)
    claiming: Claiming = field(init=False)

    def __post_init__(self) -> None:
        """Remember placings for as long as the process lives."""
        self.placing = Placing(self.projects)
        self.claiming = Claiming(self.claims, self.pods, self.clock)

    def bind(self, spec: RequestSpec, pods: Sequence[Pod] | None = None, user_id: str = "") -> Placement:
        """Where to create the servers of ``spec``; its bindings are read here, strongly.

        A lost race is never an error: the winner's pod is taken if it passes the filters, else the
        decision is made again, ``MOST_DECISIONS`` times at most. A pod that turns out to be full or
        fenced is passed over for the next best, ``MOST_CLAIMS`` at most. Without ``pods`` the store's
        are used. Raises NoPod, StoreBusy; nothing stays claimed then.
        """
        pods = self.pods.list() if pods is None else pods
        known = _Known(pods if isinstance(pods, Snapshot) else snapshot_of(pods))
        placement = self._place(spec, known, self.profiles.get(spec.az_name), user_id)
        try:
            self.placing.ensure(spec.project_id, placement.pod.pod_id)
        except Exception:
            placement.release()
            raise
        self._keep(placement.decision)
        return placement

    def _place(self, spec: RequestSpec, known: _Known, profile: Profile, user_id: str) -> Placement:
        for _ in range(MOST_DECISIONS):
            spec = spec.with_bindings(self.bindings.of_project(spec.project_id, spec.affinity_group))
            decision, claim = self._choose(spec, known, profile)
            try:
                return self._carry_out(decision, claim, user_id)
            except BindingConflict as lost:
                winner = lost.winner
                if winner is not None and winner.decision_id == decision.decision_id:
                    return self._placement(decision, claim, winner)
                self.claiming.release(claim)
            except Exception:
                self.claiming.release(claim)
                raise
            taken = self._take_winner(winner, spec, known, profile)
            if taken is not None:
                return taken
        # Others win every time, so the binding is contested but the pod is good: better a VM beside
        # the binding than none.
        decision, claim = self._choose(spec, known, profile)
        return self._placement(decision.given_way(), claim, None)

    def _choose(self, spec: RequestSpec, known: _Known, profile: Profile) -> tuple[Decision, Claim]:
        """Decide and claim; when the pod refuses, decide again on what it said. Raises NoPod, StoreBusy."""
        for _ in range(MOST_CLAIMS):
            decision = self._decide(spec, known.pods, profile)
            try:
                return decision, self.claiming.take(_pod_of(decision), spec, profile)
            except ClaimRefused as refused:
                observability.count_claim_refused()
                known.pods = self.claiming.learn(refused, known.pods)
        refusing = [pod for pod in known.pods if not passes(pod, spec, profile)]
        if any(pod.pod_id == _pod_of(decision).pod_id for pod in refusing):
            # Pods that weren't asked may have room, but the client has waited enough.
            self._decide(spec, snapshot_of(refusing, known.pods.version), profile)
        raise StoreBusy("the pods change faster than a decision is made")

    def _decide(self, spec: RequestSpec, pods: Snapshot, profile: Profile) -> Decision:
        started = self.timer()
        decision = decide(pods, spec, profile, self.ids())
        observability.time_decision((self.timer() - started) * 1000)
        observability.count_rejections(decision.rejected_counts)
        if decision.selected is None:
            self._keep(decision)
            raise no_pod(decision, pods, profile)
        return decision

    def _carry_out(self, decision: Decision, claim: Claim, user_id: str) -> Placement:
        """Do to the binding what was decided. Raises BindingConflict."""
        if decision.action is Action.DIVERT:
            binding = None
        elif decision.action is Action.KEEP:
            binding = decision.binding
        else:
            binding = self._write(decision, _pod_of(decision), user_id)
        return self._placement(decision, claim, binding)

    def _placement(self, decision: Decision, claim: Claim, binding: Binding | None) -> Placement:
        release = partial(self.claiming.release, claim)
        return Placement(_pod_of(decision), decision, decision.action, binding, claim, release)

    def _write(self, decision: Decision, pod: Pod, user_id: str) -> Binding:
        spec = decision.spec
        before = self._before(decision, pod)
        after = self._after(before, decision, pod)
        change = change_of(before, after, request_id=spec.request_id, user_id=user_id)
        also = self.placing.additions(spec.project_id, pod.pod_id)
        written = self.bindings.commit(change, also)
        self.placing.learn(spec.project_id, pod.pod_id)
        return written

    def _before(self, decision: Decision, pod: Pod) -> Binding | None:
        """What the change follows: the active binding, or the ended one whose generation counts on."""
        if decision.binding is not None:
            return decision.binding
        key = BindingKey(decision.spec.project_id, pod.az_name, decision.spec.affinity_group)
        stored = self.bindings.get(key)
        if stored is not None and stored.is_binding:
            raise BindingConflict(stored)
        return stored

    def _after(self, before: Binding | None, decision: Decision, pod: Pod) -> Binding:
        now, reason = self.clock(), binding_reason(decision)
        if before is not None:
            return before.moved(pod.pod_id, now, reason, decision.decision_id)
        key = BindingKey(decision.spec.project_id, pod.az_name, decision.spec.affinity_group)
        return Binding(
            key,
            pod.pod_id,
            generation=1,
            created_at=now,
            updated_at=now,
            reason=reason,
            decision_id=decision.decision_id,
        )

    def _take_winner(
        self, winner: Binding | None, spec: RequestSpec, known: _Known, profile: Profile
    ) -> Placement | None:
        """The placement in the winner's pod; None when it is ended, fails the filters or has no room.

        Deciding over that pod alone is filtering without weighing, and its record explains itself.
        """
        if winner is None:
            return None
        rivals = snapshot_of(known.pods[place] for place in known.pods.places_of([winner.pod_id]))
        others = [b for b in spec.bindings if b.key != winner.key]
        again = decide(rivals, spec.with_bindings([*others, winner]), profile, self.ids())
        if again.action is not Action.KEEP:
            return None
        try:
            claim = self.claiming.take(_pod_of(again), again.spec, profile)
        except ClaimRefused as refused:
            known.pods = self.claiming.learn(refused, known.pods)
            return None
        return self._placement(again, claim, winner)

    def _keep(self, decision: Decision) -> None:
        """Save a decision. Nobody is refused a server because its explanation can't be kept."""
        try:
            self.decisions.save(decision)
        except Exception:
            observability.logger().exception("decision not kept", extra={"decision_id": decision.decision_id})


def _pod_of(decision: Decision) -> Pod:
    assert decision.selected is not None, "NONE never gets here"
    return decision.selected.pod
