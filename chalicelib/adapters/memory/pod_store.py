"""Pod store in memory: for tests and simulations, whose pods needn't exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.adapters.memory.capacity_store import MemoryCapacityStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.model.capacity import PodHealth
from chalicelib.model.deed import NOBODYS, Deed
from chalicelib.model.errors import Conflict, GenerationConflict, NotFound
from chalicelib.model.pod import Pod
from chalicelib.model.pod_event import PodEvent, event_of
from chalicelib.model.pod_project import newly_known, project_taken
from chalicelib.model.pod_table import DEFAULTS, JOINED


class MemoryPodStore:
    """Keeps the pods in a dict and joins them with what the other stores know of them.

    The pods that it starts with keep their capacity until a report replaces it.
    """

    def __init__(
        self,
        pods: Iterable[Pod] = (),
        capacity: MemoryCapacityStore | None = None,
        claims: MemoryClaimStore | None = None,
    ) -> None:
        """``pods`` are there from the start; each gets its balance at the first claim."""
        self._pods = {pod.pod_id: pod for pod in pods}
        self._owners: dict[str, str] = {}  # of the projects of pods' own Keystones, for good
        self._events: dict[str, list[PodEvent]] = {}
        self._capacity = capacity or MemoryCapacityStore()
        self._claims = claims or MemoryClaimStore()
        self._lock = Lock()

    def create(self, pod: Pod, deed: Deed = NOBODYS) -> None:
        """Write a pod and its name. Raises Conflict when the name or id is taken."""
        with self._lock:
            if pod.pod_id in self._pods:
                raise _name_taken(pod)
            self._refuse_taken_name(pod)
            self._pods[pod.pod_id] = _record(pod)
            self._claims.open(pod)
            self._note(event_of(None, pod, deed))

    def get(self, pod_id: str) -> Pod:
        """One pod, joined with its report and balance. Raises NotFound."""
        if pod_id not in self._pods:
            raise NotFound("Pod", pod_id)
        return self._joined(self._pods[pod_id])

    def list(self) -> list[Pod]:
        """All pods, oldest first; their capacities come without hosts, which no decision asks for."""
        pods = sorted(self._pods.values(), key=lambda pod: (pod.created_at, pod.pod_id))
        return [self._joined(pod) for pod in pods]

    def update(self, before: Pod, after: Pod, deed: Deed = NOBODYS) -> Pod:
        """Write if the stored generation is that of ``before``; returns ``after`` with the next one.

        Raises GenerationConflict, or Conflict when a new name is taken or a new project inside is another's.
        """
        with self._lock:
            self._refuse_changed(before)
            self._refuse_taken_name(after)
            for project_id, inside in newly_known(before, after):
                if self._owners.setdefault(inside, project_id) != project_id:
                    raise project_taken(inside, self._owners[inside])
            after = replace(after, generation=before.generation + 1)
            self._pods[after.pod_id] = _record(after)
            self._claims.changed(before, after)
            self._note(event_of(before, after, deed))
            return after

    def delete(self, pod: Pod, deed: Deed = NOBODYS) -> None:
        """Delete a pod and its balance. Raises GenerationConflict if it was written meanwhile."""
        with self._lock:
            self._refuse_changed(pod)
            del self._pods[pod.pod_id]
            self._claims.closed(pod.pod_id)
            self._note(event_of(pod, None, deed))

    def history(self, pod_id: str, after: int = 0, limit: int = 1000) -> Sequence[PodEvent]:
        """The events of later generations, oldest first; also those of a deleted pod."""
        events = self._events.get(pod_id, ())
        return [event for event in events if event.generation > after][:limit]

    def _note(self, event: PodEvent) -> None:
        self._events.setdefault(event.pod_id, []).append(event)

    def _refuse_changed(self, pod: Pod) -> None:
        stored = self._pods.get(pod.pod_id)
        if stored is None or stored.generation != pod.generation:
            message = f"Pod {pod.pod_id} was written since generation {pod.generation} was read."
            raise GenerationConflict(message)

    def _refuse_taken_name(self, pod: Pod) -> None:
        others = (p for p in self._pods.values() if p.pod_id != pod.pod_id)
        if any(other.pod_name == pod.pod_name for other in others):
            raise _name_taken(pod)

    def _joined(self, pod: Pod) -> Pod:
        balance = self._claims.read(pod.pod_id)
        pod = replace(pod, claimed=balance.claimed) if balance else pod
        report = self._capacity.report(pod.pod_id)
        health = self._capacity.health(pod.pod_id)
        if report is None:
            return replace(pod, health=health) if health else pod
        return replace(
            pod,
            proven=pod.proven or pod.is_proven_by(report.generation),
            capacity=replace(report.capacity, hosts=()),
            catalogue=report.catalogue,
            health=health or PodHealth(),
            min_microversion=report.min_microversion,
            max_microversion=report.max_microversion,
        )


def _record(pod: Pod) -> Pod:
    """The pod with only what an operator sets; what it reported isn't stored here."""
    return replace(pod, **{name: DEFAULTS[name] for name in JOINED})


def _name_taken(pod: Pod) -> Conflict:
    return Conflict(f"A pod named {pod.pod_name} is there already.", "pod_name")
