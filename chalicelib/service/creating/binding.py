"""Binding: choose the pod for a create, and bind the project to it where the decision says so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.model.binding import Binding, BindingKey, change_of
from chalicelib.model.errors import BindingConflict
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.decision_text import binding_reason
from chalicelib.service.creating.choosing import Choosing, Chosen, Grounds
from chalicelib.service.creating.intents import NoIntent
from chalicelib.service.creating.project_pods import ProjectPods
from chalicelib.service.creating.quota_claims import TakeQuota, unlimited
from chalicelib.service.ports import BindingStore, Clock, ProfilesInForce

MOST_LOST_RACES = 3  # of one create; it then goes to a pod without touching the binding


@dataclass(frozen=True, slots=True)
class Binder:
    """Select, filter and weigh the pods, claim room in the best, write the binding if it changes."""

    choosing: Choosing
    bindings: BindingStore
    project_pods: ProjectPods
    profiles: ProfilesInForce
    clock: Clock

    def bind(
        self,
        spec: RequestSpec,
        snapshot: Snapshot,
        user_id: str = "",
        take_quota: TakeQuota = unlimited,
        intent: NoIntent = NoIntent(),
    ) -> Chosen:
        """Where to create the servers of ``spec``; its bindings are read here, strongly.

        The ``intent`` is written too, in the transaction of the binding if that changes.

        A lost race is never an error: the winner's pod is taken if it passes the filters, else the
        decision is made again. After ``MOST_LOST_RACES`` the binding is left to the others. Raises NoPod,
        OverQuota, StoreBusy, StillCreating; nothing stays claimed then.
        """
        grounds = Grounds(snapshot, self.profiles.get(spec.az_name), take_quota)
        chosen = self._bound(spec, grounds, user_id, intent)
        try:
            self.project_pods.ensure(spec.project_id, chosen.pod.pod_id)
            intent.ensure(chosen)
        except BaseException:
            chosen.release()
            raise
        self.choosing.keep(chosen.decision)
        return chosen

    def _bound(self, spec: RequestSpec, grounds: Grounds, user_id: str, intent: NoIntent) -> Chosen:
        for _ in range(MOST_LOST_RACES):
            spec = spec.with_bindings(self.bindings.of_project(spec.project_id, spec.affinity_group))
            chosen = self.choosing.choose(spec, grounds)
            try:
                return replace(chosen, binding=self._carried_out(chosen, user_id, intent))
            except BindingConflict as lost:
                winner = lost.winner
                if winner is not None and winner.decision_id == chosen.decision.decision_id:
                    intent.joined(chosen)
                    return replace(chosen, binding=winner)  # our own write, which only looked lost
                chosen.release()
                intent.check()
            except BaseException:
                chosen.release()
                raise
            followed = self.choosing.follow(winner, spec, grounds) if winner is not None else None
            if followed is not None:
                return followed
        # Others win every time, so the binding is contested but the pod is good: better a VM beside
        # the binding than none.
        chosen = self.choosing.choose(spec, grounds)
        return replace(chosen, decision=chosen.decision.given_way())

    def _carried_out(self, chosen: Chosen, user_id: str, intent: NoIntent) -> Binding | None:
        """Carry out the action; return the binding as it then is (divert: None). Raises BindingConflict."""
        decision, pod_id = chosen.decision, chosen.pod.pod_id
        if decision.action is Action.DIVERT:
            return None
        if decision.action is Action.KEEP:
            return decision.binding
        spec = decision.spec
        key = BindingKey(spec.project_id, chosen.pod.az_name, spec.affinity_group)
        before = decision.binding or self._ended(key)
        after = self._after(before, key, pod_id, decision)
        change = change_of(before, after, request_id=spec.request_id, user_id=user_id)
        also = [*self.project_pods.additions(spec.project_id, pod_id), *intent.writes(chosen)]
        written = self.bindings.commit(change, also)
        intent.joined(chosen)
        self.project_pods.learn(spec.project_id, pod_id)
        return written

    def _ended(self, key: BindingKey) -> Binding | None:
        """The ended binding with this key, whose generation continues. BindingConflict if it is active."""
        stored = self.bindings.get(key)
        if stored is not None and stored.is_binding:
            raise BindingConflict(stored)
        return stored

    def _after(self, before: Binding | None, key: BindingKey, pod_id: str, decision: Decision) -> Binding:
        now, reason, decision_id = self.clock(), binding_reason(decision), decision.decision_id
        if before is not None:
            return before.moved(pod_id, now, reason, decision_id)
        return Binding(
            key,
            pod_id,
            generation=1,
            created_at=now,
            updated_at=now,
            reason=reason,
            decision_id=decision_id,
        )
