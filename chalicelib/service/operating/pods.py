"""Pods: the operator registers them, changes them, and takes them out of service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField
from chalicelib.model.identity import Caller
from chalicelib.model.page import Page
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.refusals import all_refusals
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.operating.pod_proof import CheckedPod, PodProof, refuse_narrowing
from chalicelib.service.operating.pod_query import PodQuery
from chalicelib.service.operating.pod_references import PodReferences
from chalicelib.service.ports import CapacityStore, Clock, Ids, PodStore

STATE_ATTEMPTS = 3
_WATERMARKS = ("bind_watermark", "keep_watermark")
LONGEST_CREATE = timedelta(seconds=60)  # from the claim until the server's location is written


class ObservedPod(NamedTuple):
    """A pod and when it was read, so that the age of its report can be told."""

    pod: Pod
    at: datetime


@dataclass(frozen=True, slots=True)
class Pods:
    """What operators do with pods."""

    store: PodStore
    capacities: CapacityStore
    proof: PodProof
    references: PodReferences
    clock: Clock
    ids: Ids

    def register(self, fields: Mapping[str, Any], caller: Caller, force: bool = False) -> CheckedPod:
        """Make a pod known that has proven itself; it counts as free until its first report.

        The warnings say what the pod will lack, such as capacity reports without a credential. With
        ``force``, a pod that isn't proven is registered disabled, with a warning. Raises Conflict when the
        name is taken, and without ``force`` when the pod would narrow the range of microversions or isn't
        proven (Unproven); InvalidField for a refused endpoint or watermarks the wrong way round;
        KeystoneUnavailable.
        """
        self.refuse(fields)
        pod = Pod(pod_id=self.ids(), created_at=self.clock(), **fields)
        proven = self._proven(pod, caller, force)
        self.store.create(proven.pod)
        return proven

    def refuse(self, fields: Mapping[str, Any], before: Pod | None = None) -> None:
        """Raise InvalidField that names all fields that no pod, or not this one, can have together.

        Nobody is asked for that, so a body's reader asks it too, to name these fields with those that are
        wrong by themselves.
        """
        bind, keep = (fields.get(name, getattr(before, name, None)) for name in _WATERMARKS)
        with all_refusals() as refusals:
            with refusals.noted():
                refuse_crossed_watermarks(bind, keep)
            if before is None or fields.get("endpoints") != before.endpoints:
                with refusals.noted():
                    self.proof.policy.check(fields.get("endpoints", {}))

    def list(self, query: PodQuery = PodQuery(), page: Page = Page()) -> list[Pod]:
        """The pods that are asked for, oldest first. Raises InvalidField for a marker that names no pod."""
        pods = page.after_marker(self.store.list(), lambda pod: pod.pod_id, "pod")
        return [pod for pod in pods if query.matches(pod)][: page.limit]

    def get(self, pod_id: str) -> Pod:
        """One pod, read strongly. Raises NotFound."""
        return self.store.get(pod_id)

    def observed(self, pod_id: str) -> ObservedPod:
        """The pod with its hosts, which no list has, and the time. Raises NotFound."""
        pod = self.store.get(pod_id)
        reported, _, _ = self.capacities.get(pod_id)
        return ObservedPod(replace(pod, capacity=reported or pod.capacity), self.clock())

    def update(
        self, before: Pod, generation: int, changes: Mapping[str, Any], caller: Caller, force: bool = False
    ) -> CheckedPod:
        """Change what is named and keep the rest.

        A pod with a new address must prove itself anew, and so must one that isn't proven and shall take
        servers; each as at registration.

        ``before`` is the pod as it was just read, ``generation`` what the operator knows it by. Raises
        GenerationConflict when it was written since either, Conflict when active bindings hold its
        zone, and what ``register`` raises.
        """
        if before.generation != generation:
            raise GenerationConflict(
                f"{before.pod_name} is at generation {before.generation}, not {generation}: read it again",
                field="generation",
            )
        self.refuse(changes, before)
        after = replace(before, **changes)
        if after.az_name != before.az_name:
            self.references.refuse_zone_change(before)
        proven = CheckedPod(after)
        if after.address != before.address:
            proven = self._proven(_readdressed(before, after), caller, force)
        elif not before.proven and _shall_take(before, after, changes):
            proven = self._proven(after, caller, force)
        return CheckedPod(self.store.update(before, proven.pod), proven.warnings)

    @anew_when_overtaken(STATE_ATTEMPTS)
    def set_state(self, pod_id: str, state: PodState) -> Pod:
        """Cordon, uncordon or drain, whatever else is written meanwhile.

        Raises NotFound; Conflict when the pod is disabled, which only an update undoes.
        """
        pod = self.store.get(pod_id)
        if pod.state is PodState.DISABLED:
            raise Conflict(f"{pod.pod_name} is disabled: enable it first, by its state", field="state")
        return pod if pod.state is state else self.store.update(pod, replace(pod, state=state))

    def delete(self, pod_id: str, force: bool = False) -> None:
        """Forget a pod that nothing refers to; with ``force`` also that projects were placed there.

        The pod is disabled first, so that no create claims room there while it goes. Raises NotFound;
        Conflict that says what still refers to the pod, whose state is put back then; GenerationConflict
        when somebody writes it meanwhile.
        """
        pod = self.store.get(pod_id)
        self.references.refuse_deletion(pod, force)
        fenced = pod
        if pod.state is not PodState.DISABLED:
            fenced = self.store.update(pod, replace(pod, state=PodState.DISABLED))
        try:
            self.references.refuse_deletion(fenced, force, since=self.clock() - LONGEST_CREATE)
        except Conflict:
            if fenced is not pod:
                self.store.update(fenced, replace(fenced, state=pod.state))
            raise
        if force:
            # This comes first: if the process dies after it, the pod is still there and can be deleted again.
            self.references.projects.forget(pod_id)
        self.store.delete(fenced)
        self.capacities.delete(pod_id)

    def _proven(self, pod: Pod, caller: Caller, force: bool) -> CheckedPod:
        proven = self.proof.of(pod, caller, force)
        if not force:
            refuse_narrowing(proven.pod, self.store.list())
        return proven


def refuse_crossed_watermarks(bind: float | None, keep: float | None) -> None:
    """Raise InvalidField unless bind_watermark is below keep_watermark, where a pod has both."""
    if bind is not None and keep is not None and bind >= keep:
        raise InvalidField("bind_watermark", f"bind_watermark {bind} must be below keep_watermark {keep}")


def _shall_take(before: Pod, after: Pod, changes: Mapping[str, Any]) -> bool:
    """Whether the operator asks that a pod take servers: by its state, or by its first zone."""
    enabled = "state" in changes and after.state is not PodState.DISABLED
    return enabled or bool(after.az_name and not before.az_name)


def _readdressed(before: Pod, after: Pod) -> Pod:
    """The pod at the generation of its new address, to which no earlier report belongs."""
    after = replace(after, address_generation=before.generation + 1)
    # Endpoints that the operator left out, or sent back as they were read, belong to the old region.
    if after.endpoints == before.endpoints and after.pod_name != before.pod_name:
        return replace(after, endpoints={})
    return after
