"""Binding: choose the pod for a create, and bind the project to it where the decision says so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.model.binding import Binding, BindingKey, change_of
from chalicelib.model.errors import BindingConflict
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.decision import Action
from chalicelib.scheduler.decision_text import binding_reason
from chalicelib.service.creating.choosing import Choosing, Chosen, Grounds
from chalicelib.service.creating.project_pods import ProjectPods
from chalicelib.service.ports import BindingStore, Clock, ProfilesInForce

MOST_DECISIONS = 3  # that one create makes while others keep winning its races


@dataclass(frozen=True, slots=True)
class Binder:
    """Select, filter and weigh the pods, claim room in the best, write the binding if it changes."""

    choosing: Choosing
    bindings: BindingStore
    project_pods: ProjectPods
    profiles: ProfilesInForce
    clock: Clock

    def bind(self, spec: RequestSpec, snapshot: Snapshot, user_id: str = "") -> Chosen:
        """Where to create the servers of ``spec``; its bindings are read here, strongly.

        A lost race is never an error: the winner's pod is taken if it passes the filters, else the
        decision is made again, ``MOST_DECISIONS`` times at most. Raises NoPod, StoreBusy; nothing stays
        claimed then.
        """
        grounds = Grounds(snapshot, self.profiles.get(spec.az_name))
        chosen = self._bound(spec, grounds, user_id)
        try:
            self.project_pods.ensure(spec.project_id, chosen.pod.pod_id)
        except Exception:
            chosen.release()
            raise
        self.choosing.keep(chosen.decision)
        return chosen

    def _bound(self, spec: RequestSpec, grounds: Grounds, user_id: str) -> Chosen:
        for _ in range(MOST_DECISIONS):
            spec = spec.with_bindings(self.bindings.of_project(spec.project_id, spec.affinity_group))
            chosen = self.choosing.choose(spec, grounds)
            try:
                return replace(chosen, binding=self._carried_out(chosen, user_id))
            except BindingConflict as lost:
                winner = lost.winner
                if winner is not None and winner.decision_id == chosen.decision.decision_id:
                    return replace(chosen, binding=winner)  # our own write, which only looked lost
                chosen.release()
            except Exception:
                chosen.release()
                raise
            followed = self.choosing.follow(winner, spec, grounds) if winner is not None else None
            if followed is not None:
                return followed
        # Others win every time, so the binding is contested but the pod is good: better a VM beside
        # the binding than none.
        chosen = self.choosing.choose(spec, grounds)
        return replace(chosen, decision=chosen.decision.given_way())

    def _carried_out(self, chosen: Chosen, user_id: str) -> Binding | None:
        """The binding, after doing to it what was decided; None for a divert. Raises BindingConflict."""
        if chosen.action is Action.DIVERT:
            return None
        if chosen.action is Action.KEEP:
            return chosen.decision.binding
        before = self._before(chosen)
        request_id, project_id = chosen.decision.spec.request_id, chosen.decision.spec.project_id
        change = change_of(before, self._after(before, chosen), request_id=request_id, user_id=user_id)
        also = self.project_pods.additions(project_id, chosen.pod.pod_id)
        written = self.bindings.commit(change, also)
        self.project_pods.learn(project_id, chosen.pod.pod_id)
        return written

    def _before(self, chosen: Chosen) -> Binding | None:
        """What the change follows: the active binding, or the ended one whose generation counts on."""
        if chosen.decision.binding is not None:
            return chosen.decision.binding
        stored = self.bindings.get(_key(chosen))
        if stored is not None and stored.is_binding:
            raise BindingConflict(stored)
        return stored

    def _after(self, before: Binding | None, chosen: Chosen) -> Binding:
        now, reason = self.clock(), binding_reason(chosen.decision)
        pod_id, decision_id = chosen.pod.pod_id, chosen.decision.decision_id
        if before is not None:
            return before.moved(pod_id, now, reason, decision_id)
        return Binding(
            _key(chosen),
            pod_id,
            generation=1,
            created_at=now,
            updated_at=now,
            reason=reason,
            decision_id=decision_id,
        )


def _key(chosen: Chosen) -> BindingKey:
    spec = chosen.decision.spec
    return BindingKey(spec.project_id, chosen.pod.az_name, spec.affinity_group)
