"""Binding: choose the pod for a create, and bind the project to it where the decision says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from chalicelib import observability
from chalicelib.model.binding import Binding, BindingKey, change_of
from chalicelib.model.errors import BindingConflict
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.decision_text import binding_reason
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import Profile
from chalicelib.service.no_pod import no_pod
from chalicelib.service.placing import Placing
from chalicelib.service.ports import (
    BindingStore,
    Clock,
    DecisionStore,
    Ids,
    PodStore,
    ProfilesInForce,
    ProjectStore,
)

MOST_DECISIONS = 3  # that one create makes while others keep winning its races


@dataclass(frozen=True, slots=True)
class Placement:
    """The pod a create goes to, and why.

    ``binding`` is the one that was used, at the generation that names the pod; None for a divert,
    which leaves bindings alone.
    """

    pod: Pod
    decision: Decision
    action: Action
    binding: Binding | None


@dataclass(slots=True)
class Binder:
    """Steps 1 to 4 of DESIGN 1: select, filter and weigh, read the binding, write it if it changes.

    ``clock`` dates bindings, ``ids`` names decisions, ``timer`` (in seconds) measures them.
    """

    pods: PodStore
    bindings: BindingStore
    projects: ProjectStore
    profiles: ProfilesInForce
    decisions: DecisionStore
    clock: Clock
    ids: Ids
    timer: Callable[[], float] = perf_counter
    placing: Placing = field(init=False)

    def __post_init__(self) -> None:
        """Remember placings for as long as the process lives."""
        self.placing = Placing(self.projects)

    def bind(self, spec: RequestSpec, pods: Sequence[Pod] | None = None, user_id: str = "") -> Placement:
        """Where to create the servers of ``spec``; its bindings are read here, strongly.

        A lost race is never an error: the winner's pod is taken if it passes the filters, else the
        decision is made again, ``MOST_DECISIONS`` times at most. Without ``pods`` the store's are
        used. Raises NoPod, StoreBusy.
        """
        pods = self.pods.list() if pods is None else pods
        placement = self._place(spec, pods, self.profiles.get(spec.az_name), user_id)
        self.placing.ensure(spec.project_id, placement.pod.pod_id)
        self._keep(placement.decision)
        return placement

    def _place(self, spec: RequestSpec, pods: Sequence[Pod], profile: Profile, user_id: str) -> Placement:
        for _ in range(MOST_DECISIONS):
            spec = spec.with_bindings(self.bindings.of_project(spec.project_id, spec.affinity_group))
            decision = self._decide(spec, pods, profile)
            try:
                return self._carry_out(decision, user_id)
            except BindingConflict as lost:
                taken = self._take_winner(lost.winner, decision, pods, profile)
            if taken is not None:
                return taken
        # Others win every time, so the binding is contested but the pod is good: better a VM beside
        # the binding than none.
        diverted = decision.given_way()
        return Placement(_pod_of(diverted), diverted, Action.DIVERT, None)

    def _decide(self, spec: RequestSpec, pods: Sequence[Pod], profile: Profile) -> Decision:
        started = self.timer()
        decision = decide(pods, spec, profile, self.ids())
        observability.time_decision((self.timer() - started) * 1000)
        observability.count_rejections(decision.rejected_counts)
        if decision.selected is None:
            self._keep(decision)
            raise no_pod(decision, pods, profile)
        return decision

    def _carry_out(self, decision: Decision, user_id: str) -> Placement:
        """Do to the binding what was decided. Raises BindingConflict."""
        pod = _pod_of(decision)
        if decision.action is Action.DIVERT:
            binding = None
        elif decision.action is Action.KEEP:
            binding = decision.binding
        else:
            binding = self._write(decision, pod, user_id)
        return Placement(pod, decision, decision.action, binding)

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
        self, winner: Binding | None, decision: Decision, pods: Sequence[Pod], profile: Profile
    ) -> Placement | None:
        """The placement in the winner's pod; None when it is ended or fails the filters.

        Deciding over that pod alone is filtering without weighing, and its record explains itself.
        """
        if winner is None:
            return None
        if winner.decision_id == decision.decision_id:
            return Placement(_pod_of(decision), decision, decision.action, winner)
        rivals = [pod for pod in pods if pod.pod_id == winner.pod_id]
        others = [b for b in decision.spec.bindings if b.key != winner.key]
        again = decide(rivals, decision.spec.with_bindings([*others, winner]), profile, self.ids())
        if again.action is not Action.KEEP:
            return None
        return Placement(_pod_of(again), again, Action.KEEP, winner)

    def _keep(self, decision: Decision) -> None:
        """Save a decision. Nobody is refused a server because its explanation can't be kept."""
        try:
            self.decisions.save(decision)
        except Exception:
            observability.logger().exception("decision not kept", extra={"decision_id": decision.decision_id})


def _pod_of(decision: Decision) -> Pod:
    assert decision.selected is not None, "NONE never gets here"
    return decision.selected.pod
