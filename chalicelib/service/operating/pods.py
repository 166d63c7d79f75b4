"""Pods: the operator registers them, changes them, and takes them out of service."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField
from chalicelib.model.identity import Caller
from chalicelib.model.page import Page
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.pod_event import PodEvent
from chalicelib.model.pod_table import RECORDED, write
from chalicelib.model.refusals import all_refusals
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.operating.pod_proof import CheckedPod, PodProof, refuse_narrowing
from chalicelib.service.operating.pod_query import PodQuery
from chalicelib.service.operating.pod_references import PodReferences
from chalicelib.service.ports import CapacityStore, Clock, Ids, PodStore

STATE_ATTEMPTS = 3
MOST_RECORD_BYTES = 150_000  # an event holds a field before and after, and DynamoDB's items 400 KB
LET_IN, READDRESS = "say force to register it disabled", "say force to write it and disable the pod"
TO_BE_DELETED, NOT_PROVEN = "to be deleted", "it has not proven itself"
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

    def register(
        self, fields: Mapping[str, Any], caller: Caller, force: bool = False, reason: str = ""
    ) -> CheckedPod:
        """Make a pod known that has proven itself; it counts as free until its first report.

        The warnings say what the pod will lack, such as capacity reports without a credential. With
        ``force``, a pod that isn't proven is registered disabled, with a warning. Raises Conflict when the
        name is taken, and without ``force`` when the pod would narrow the range of microversions or isn't
        proven (Unproven); InvalidField for a refused endpoint or watermarks the wrong way round;
        KeystoneUnavailable.
        """
        self.refuse(fields)
        pod = Pod(pod_id=self.ids(), created_at=self.clock(), **fields)
        refuse_large(pod)
        checked = self._proven(pod, caller, force, LET_IN)
        proven = checked._replace(pod=_explained(checked.pod, pod.state, reason))
        self.store.create(proven.pod, self._deed(caller, reason))
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

    def history(self, pod_id: str, after: int = 0, limit: int = 1000) -> Sequence[PodEvent]:
        """A pod's events of generations beyond ``after``, newest last, also of a pod that was deleted.

        Raises NotFound when there never was such a pod. One that is older than histories may have none.
        """
        events = self.store.history(pod_id, after, limit)
        if not events and not self.store.history(pod_id, limit=1):
            self.store.get(pod_id)
        return events

    def update(
        self,
        before: Pod,
        generation: int,
        changes: Mapping[str, Any],
        caller: Caller,
        force: bool = False,
        *,
        reason: str = "",
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
        refuse_large(after)
        if after.az_name != before.az_name:
            self.references.refuse_zone_change(before)
        if after.auth_url != before.auth_url and before.pod_project_ids:
            raise Conflict("The projects that it serves have credentials for its old Keystone.", "auth_url")
        checked = CheckedPod(after)
        if after.address != before.address:
            checked = self._proven(_readdressed(before, after), caller, force, READDRESS)
        elif not before.proven and _shall_take(before, after, changes):
            checked = self._proven(after, caller, force)  # no way out: forced, it would only stay disabled
        written = checked.pod
        if written.state is not before.state:
            written = _explained(written, after.state, reason)
        return CheckedPod(self.store.update(before, written, self._deed(caller, reason)), checked.warnings)

    @anew_when_overtaken(STATE_ATTEMPTS)
    def set_state(
        self, pod_id: str, state: PodState, caller: Caller, reason: str = "", shown: str | None = None
    ) -> Pod:
        """Cordon, uncordon, drain or disable, whatever else is written meanwhile.

        The pod shows ``reason`` too, unless ``shown`` says otherwise. A pod that is in the state already gets
        the new reason, if there is one. Raises NotFound; Conflict when the pod is disabled, which only
        ``enable`` and ``update`` undo.
        """
        pod = self.store.get(pod_id)
        if pod.state is PodState.DISABLED and state is not PodState.DISABLED:
            raise Conflict(f"{pod.pod_name} is disabled: enable it first", field="state")
        after = in_state(pod, state, reason if shown is None else shown)
        if pod.state is state and after.state_reason in ("", pod.state_reason):
            return pod
        return self.store.update(pod, after, self._deed(caller, reason))

    @anew_when_overtaken(STATE_ATTEMPTS)
    def enable(self, pod_id: str, caller: Caller, reason: str = "") -> CheckedPod:
        """Put a pod back in service, a disabled one too, and one that an earlier version left unproven.

        Raises NotFound and what ``update`` raises.
        """
        pod = self.store.get(pod_id)
        if pod.state is PodState.ENABLED and (pod.proven or not pod.az_name):
            return CheckedPod(pod, ())
        return self.update(pod, pod.generation, {"state": PodState.ENABLED}, caller, reason=reason)

    def delete(
        self,
        pod_id: str,
        caller: Caller,
        force: bool = False,
        reason: str = "",
        *,
        forget_servers: bool = False,
    ) -> None:
        """Forget a pod that nothing refers to; with ``force`` also that projects were placed there.

        With ``forget_servers`` a disabled pod is forgotten with all servers that we know there, as one that
        burnt down: their locations end, and keep who said so and why. That needs a reason, else InvalidField.

        The pod is disabled first, so that no create claims room there while it goes. Raises NotFound;
        Conflict that says what still refers to the pod, whose state is put back then; GenerationConflict
        when somebody writes it meanwhile.
        """
        if forget_servers and not reason:
            raise InvalidField("reason", "say why its servers are forgotten")
        pod = self.store.get(pod_id)
        self.references.refuse_deletion(pod, force, forget_servers=forget_servers)
        if forget_servers:
            self.references.forget_servers(pod, self._deed(caller, reason))
        fenced = pod
        if pod.state is not PodState.DISABLED:
            fence = in_state(pod, PodState.DISABLED, reason or TO_BE_DELETED)
            fenced = self.store.update(pod, fence, self._deed(caller, fence.state_reason))
        try:
            since = self.clock() - LONGEST_CREATE
            self.references.refuse_deletion(fenced, force, since, forget_servers=forget_servers)
        except Conflict as held:
            if fenced is not pod:
                put_back = in_state(fenced, pod.state, pod.state_reason)
                self.store.update(fenced, put_back, self._deed(caller, str(held)))
            raise
        if force or forget_servers:
            # This comes first: if the process dies after it, the pod is still there and can be deleted again.
            self.references.projects.forget(pod_id)
        self.store.delete(fenced, self._deed(caller, reason))
        self.capacities.delete(pod_id)

    def _deed(self, caller: Caller, reason: str) -> Deed:
        return Deed.of(caller, self.clock(), reason)

    def _proven(self, pod: Pod, caller: Caller, force: bool, way_out: str = "") -> CheckedPod:
        proven = self.proof.of(pod, caller, force, way_out)
        if not force:
            refuse_narrowing(proven.pod, self.store.list())
        return proven


def in_state(pod: Pod, state: PodState, reason: str) -> Pod:
    """The pod in a state, with the reason for it; being enabled needs none."""
    return replace(pod, state=state, state_reason="" if state is PodState.ENABLED else reason)


def refuse_crossed_watermarks(bind: float | None, keep: float | None) -> None:
    """Raise InvalidField unless bind_watermark is below keep_watermark, where a pod has both."""
    if bind is not None and keep is not None and bind >= keep:
        raise InvalidField("bind_watermark", f"bind_watermark {bind} must be below keep_watermark {keep}")


def _explained(pod: Pod, asked: PodState, reason: str) -> Pod:
    """The pod with the reason for its state: the operator's, or that the proof put it in another."""
    return in_state(pod, pod.state, reason or ("" if pod.state is asked else NOT_PROVEN))


def refuse_large(pod: Pod) -> None:
    """Raise InvalidField for a record that is too large to be kept."""
    size = len(json.dumps(write(pod, RECORDED)))
    if size > MOST_RECORD_BYTES:
        raise InvalidField("pod", f"its fields have {size} bytes together, and may have {MOST_RECORD_BYTES}")


def _shall_take(before: Pod, after: Pod, changes: Mapping[str, Any]) -> bool:
    """Whether the operator asks that a pod take servers: by its state, or by its first zone."""
    enabled = "state" in changes and after.state is not PodState.DISABLED
    return enabled or bool(after.az_name and not before.az_name)


def _readdressed(before: Pod, after: Pod) -> Pod:
    """The pod at the generation of its new address, to which no earlier report belongs."""
    after = replace(after, address_generation=before.generation + 1)
    # Endpoints that the operator left out, or sent back as they were read, belong to the old region.
    if after.endpoints == before.endpoints and (after.region, after.auth_url) != (
        before.region,
        before.auth_url,
    ):
        return replace(after, endpoints={})
    return after
