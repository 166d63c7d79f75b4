"""Cloud: the product's own services over memory stores, above pods that exist as numbers.

Nothing here chooses a pod: the gateway's own steps of a create do. What is simulated is the world around
them: the clock, what pods hold, and whether they answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from chalicelib import wiring
from chalicelib.adapters.memory import MemoryDecisionStore
from chalicelib.model.amounts import Amounts, Totals, fullest
from chalicelib.model.binding import Binding, change_of
from chalicelib.model.capacity import Capacity, CapacityReport
from chalicelib.model.deed import NOBODYS
from chalicelib.model.errors import NoPod, PodUnreachable, StoreBusy, Unavailable
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import DEFAULT, ProfileVersion
from chalicelib.settings import Settings

NO_HOST, UNREACHABLE, BUSY = "no host", "unreachable", "busy"
UNTIL_FORGOTTEN = 1e9  # seconds: caches here last for the run, or until the next refresh drops them


@dataclass(frozen=True, slots=True)
class SimulatedPod:
    """A pod: its record, the usable totals that it really has, and what is used of them at the beginning."""

    pod: Pod
    totals: Totals
    used: Amounts = field(default_factory=Amounts)


@dataclass(frozen=True, slots=True)
class Created:
    """A server that runs: its pod, what it takes, and what its create did to the binding."""

    pod_id: str
    need: Amounts
    action: Action


@dataclass(frozen=True, slots=True)
class Refused:
    """A create without a server. ``why`` is the gateway's status, or NO_HOST, UNREACHABLE, BUSY."""

    why: str


class _NoDecisions(MemoryDecisionStore):
    """Keeps no decisions: a simulation makes more than fit into memory, and reads none of them."""

    def save(self, decision: Decision, pod_request_id: str = "") -> None:
        """Forget the decision at once."""


class Cloud:
    """Many pods, one gateway process, and a clock that the caller sets: ``now``, aware UTC."""

    def __init__(
        self,
        pods: Iterable[SimulatedPod],
        flavors: Mapping[str, Flavor],
        profile: Profile,
        now: datetime,
        bindings: Iterable[Binding] = (),
    ) -> None:
        """Register the pods and bindings, and refresh once. All pods offer ``flavors``, which are by id."""
        self.now = now
        self.flavors = dict(flavors)
        self.totals: dict[str, Totals] = {}
        self.used: dict[str, Amounts] = {}
        self.lost: set[str] = set()
        numbers = count(1)
        chosen = Settings(snapshot_cache_seconds=UNTIL_FORGOTTEN, profile_cache_seconds=UNTIL_FORGOTTEN)
        stores = wiring.in_memory(chosen, self._clock, lambda: f"decision-{next(numbers)}")
        stores = replace(stores, decisions=_NoDecisions(self._clock), client=self)
        stores.profiles.put(ProfileVersion(DEFAULT, 1, profile.document()))
        self.bindings = stores.bindings
        self._pods, self._capacities = stores.pods, stores.capacities
        services = wiring.build_services(stores, chosen)
        self._gateway, self._settling = services.servers, services.capacity_refresh.settling
        self._snapshots = self._gateway.snapshots
        self._troubles = self._gateway.specs.troubles
        for pod in pods:
            self._register(pod)
        for binding in bindings:
            self.bindings.commit(change_of(None, binding))
        self.refresh()

    def add(self, pod: SimulatedPod) -> None:
        """Register a new pod and read its first report at once."""
        self._register(pod)
        self._observe(self._pods.get(pod.pod.pod_id))
        self._snapshots.forget()

    def lose(self, pod_id: str) -> None:
        """Let a pod answer no more; the servers that ran there are gone. Raises NotFound."""
        self._pods.get(pod_id)
        self.lost.add(pod_id)
        self.used[pod_id] = Amounts()

    def refresh(self) -> None:
        """Do what the gateway does each minute: every pod reports, or is noted as out of reach.

        A pod that isn't proven never answers.
        """
        for pod in self._pods.list():
            self._observe(pod)
        self._snapshots.forget()

    def create(self, project_id: str, flavor_id: str, az_name: str | None) -> Created | Refused:
        """Create one server by the gateway's own steps, on what the last refresh reported."""
        flavor = self.flavors[flavor_id]
        snapshot = self._snapshots.current()
        spec = self._gateway.specs.spec_for(project_id, flavor, snapshot, self.now, az_name=az_name)
        try:
            chosen = self._gateway.attempts.make(spec, snapshot, self._create_in).chosen
        except NoPod as none:
            return Refused(str(none.status))
        except Unavailable:
            return Refused(UNREACHABLE)
        except StoreBusy:
            return Refused(BUSY)
        pod_id = chosen.pod.pod_id
        if self.fill(pod_id, spec.need) > 1.0:  # the pod accepted the create, and then finds no host for it
            chosen.release()
            self._troubles.build_failed(pod_id)
            return Refused(NO_HOST)
        self.used[pod_id] += spec.need
        return Created(pod_id, spec.need, chosen.action)

    def delete(self, server: Created) -> None:
        """End a server: its pod has the room again. A lost pod's servers are gone already."""
        if server.pod_id not in self.lost:
            self.used[server.pod_id] -= server.need

    def fill(self, pod_id: str, need: Amounts = Amounts()) -> float:
        """How full a pod really would be with ``need`` added: its fullest resource, as a fraction."""
        fill = fullest(self.used[pod_id] + need, self.totals[pod_id])
        return fill.fraction if fill else 0.0

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """The pod's reply to a create: 202, as Nova replies before it looks for a host.

        Raises PodUnreachable for a lost pod.
        """
        if pod.pod_id in self.lost:
            raise PodUnreachable(pod.pod_id, f"{pod.pod_name} doesn't answer", sent=False)
        return PodReply(202, {}, b"{}")

    def _create_in(self, pod: Pod) -> PodReply:
        return self._gateway.client.send(pod, PodRequest("POST", "/servers"))

    def _clock(self) -> datetime:
        return self.now

    def _register(self, pod: SimulatedPod) -> None:
        self._pods.create(pod.pod, NOBODYS)
        self.totals[pod.pod.pod_id] = pod.totals
        self.used[pod.pod.pod_id] = pod.used

    def _observe(self, pod: Pod) -> None:
        if pod.pod_id in self.lost or not pod.proven:
            self._capacities.failed(pod.pod_id, self.now, f"{pod.pod_name} doesn't answer")
            return
        capacity = Capacity(self.totals[pod.pod_id], self.used[pod.pod_id], self.now)
        self._capacities.save(pod.pod_id, CapacityReport(capacity, self.flavors))
        self._settling.settle(replace(pod, capacity=capacity), self.now)
        self._troubles.answered(pod.pod_id, self.now)
