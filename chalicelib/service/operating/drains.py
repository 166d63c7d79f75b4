"""Drains: where a pod's bindings would go, and the move of each, there and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.model.binding import Binding, BindingKey, change_of
from chalicelib.model.errors import BindingConflict, GenerationConflict
from chalicelib.model.job import Job, Outcome, Step
from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.engine import decide
from chalicelib.service.creating.flavors import offering_everywhere
from chalicelib.service.creating.no_pod import no_pod
from chalicelib.service.creating.spec import Specs
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.operating.representative import NOMINAL, representative
from chalicelib.service.ports import (
    BindingStore,
    Clock,
    DecisionStore,
    Ids,
    JobStore,
    PodStore,
    ProfilesInForce,
    ProjectStore,
)

MOVE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A binding, and the decision that a drain would make for it now.

    ``reason`` is why it would go there or, without a pod, why it would stay.
    """

    binding: Binding
    decision: Decision
    reason: str

    @property
    def pod(self) -> Pod | None:
        """Where it would go; None when it would stay."""
        return self.decision.selected.pod if self.decision.selected else None


@dataclass(frozen=True, slots=True)
class Drains:
    """Decides for a binding as if its pod weren't there, and moves it if nobody else did."""

    pods: PodStore
    bindings: BindingStore
    projects: ProjectStore
    profiles: ProfilesInForce
    decisions: DecisionStore
    jobs: JobStore
    specs: Specs
    clock: Clock
    ids: Ids

    def plan(self, pod_id: str, page: Page) -> list[PlannedMove]:
        """The drain plan: the pod's bindings, sorted by key, with where each would go; nothing is written.

        Raises NotFound.
        """
        pod, others = self.pods.get(pod_id), self._others(pod_id)
        found = self.bindings.find(BindingQuery(pod_id=pod_id), page)
        return [self._decided(binding, pod, others) for binding in found]

    def mover(self, job: Job) -> Callable[[BindingKey], None]:
        """A function that moves one binding away; the pods are read now, once for all of its calls.

        It raises GenerationConflict, and moves nothing, when the job was written since it was read.
        """
        pod, others = self.pods.get(job.pod_id), self._others(job.pod_id)

        def move(key: BindingKey) -> None:
            with suppress(BindingConflict):  # lost every race for it: the next slice tries again
                self._move(job, key, pod, others)

        return move

    def returner(self, job: Job) -> Callable[[Step], None]:
        """A function that undoes a move, unless the binding was written since or can't go back.

        It raises GenerationConflict as that of ``mover`` does, and BindingConflict.
        """
        pod = self.pods.get(job.pod_id)
        return lambda step: self._move_back(job, step, pod)

    @anew_when_overtaken(MOVE_ATTEMPTS, by=BindingConflict)
    def _move_back(self, job: Job, step: Step, pod: Pod) -> None:
        current, now = self.bindings.get(step.key), self.clock()
        if why := _unreturnable(current, step, pod):
            generation = current.generation if current else step.generation
            self.jobs.save_step(job, Step(step.key, Outcome.KEPT, generation, now, step.to_pod_id, why))
            return
        assert current is not None, "_unreturnable says so"
        reason = f"undo of the drain of {job.pod_name}, job {job.job_id}"
        after = current.moved(job.pod_id, now, reason)
        returned = Step(step.key, Outcome.RETURNED, after.generation, now, job.pod_id)
        self._commit(job, current, after, returned)

    @anew_when_overtaken(MOVE_ATTEMPTS, by=BindingConflict)
    def _move(self, job: Job, key: BindingKey, pod: Pod, others: Snapshot) -> None:
        current, now = self.bindings.get(key), self.clock()
        if current is None or not current.is_binding or current.pod_id != pod.pod_id:
            generation = current.generation if current else 0
            self.jobs.save_step(job, Step(key, Outcome.SKIPPED, generation, now, reason=_since(current)))
            return
        planned = self._decided(current, pod, others, request_id=job.set_going.request_id)
        decision, target = planned.decision, planned.pod
        # The decision is kept before the move that names it: a crash in between leaves a decision that
        # nothing names, never a move whose decision isn't there.
        self.decisions.save(decision)
        if target is None:
            left = Step(key, Outcome.LEFT, current.generation, now, "", planned.reason, decision.decision_id)
            self.jobs.save_step(job, left)
            return
        reason = f"drain of {job.pod_name}, job {job.job_id}"
        after = current.moved(target.pod_id, now, reason, decision.decision_id)
        moved = Step(
            key, Outcome.MOVED, after.generation, now, target.pod_id, decision_id=decision.decision_id
        )
        self._commit(job, current, after, moved)

    def _commit(self, job: Job, before: Binding, after: Binding, step: Step) -> None:
        """Write binding, event and step together.

        Raises BindingConflict when somebody wrote the binding first, GenerationConflict when somebody wrote
        the job.
        """
        by = job.set_going
        change = change_of(before, after, request_id=by.request_id, user_id=by.user_id)
        also = [
            self.jobs.step_write(job, step),
            self.projects.addition(before.key.project_id, after.pod_id),
        ]
        try:
            self.bindings.commit(change, also)
        except BindingConflict as lost:
            if lost.winner is not None and lost.winner.generation == before.generation:
                # The binding is as it was, so the job must have changed.
                raise GenerationConflict(f"job {job.job_id} was written meanwhile") from lost
            raise

    def _others(self, pod_id: str) -> Snapshot:
        return snapshot_of(pod for pod in self.pods.list() if pod.pod_id != pod_id)

    def _decided(self, binding: Binding, pod: Pod, others: Snapshot, request_id: str = "") -> PlannedMove:
        flavor, need = representative(binding, pod, self.decisions)
        if flavor.flavor_id == NOMINAL:
            others = offering_everywhere(others, flavor)
        spec = self.specs.spec_for(
            binding.key.project_id,
            flavor,
            others,
            self.clock(),
            az_name=binding.key.az_name,
            need_of_one=need,
            request_id=request_id,
            bindings=[binding],
        )
        profile = self.profiles.get(spec.az_name)
        decision = decide(others, spec, profile, self.ids())
        if decision.selected is None:
            return PlannedMove(binding, decision, str(no_pod(decision, others, profile)))
        name, rivals = decision.selected.pod.pod_name, decision.weighed_count
        return PlannedMove(binding, decision, f"{name} is the best of {rivals} that can take it")


def _unreturnable(current: Binding | None, step: Step, pod: Pod) -> str:
    """Why a binding can't go back to where it was; empty when it can."""
    if current is None or not current.is_binding or current.generation != step.generation:
        return _since(current)
    if pod.az_name != step.key.az_name:
        return f"{pod.pod_name} is no longer in {step.key.az_name}"
    if pod.state is PodState.DISABLED:
        return f"{pod.pod_name} is disabled"
    return ""


def _since(current: Binding | None) -> str:
    if current is None or not current.is_binding:
        return "ended meanwhile"
    return (
        f"somebody else wrote it meanwhile: it is bound to {current.pod_id}, generation {current.generation}"
    )
