"""Cloud: the product's own services over memory stores, above pods that exist as numbers.

Nothing here chooses: the binder does, with the engine, the claims and the troubles of the product. What is
simulated is the world around it: the clock, what pods hold, and whether they answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.adapters.memory.capacity_store import MemoryCapacityStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.adapters.memory.decision_store import MemoryDecisionStore
from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.adapters.memory.profile_store import MemoryProfileStore
from chalicelib.adapters.memory.project_store import MemoryProjectStore
from chalicelib.adapters.memory.trouble_store import MemoryTroubleStore
from chalicelib.model.binding import Binding, change_of
from chalicelib.model.capacity import Capacity, CapacityReport
from chalicelib.model.errors import NoPod, StoreBusy
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.resources import Amounts, Totals, fullest
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import DEFAULT
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.creating.binding import Binder
from chalicelib.service.observing.settling import Settling

MOST_PODS = 3  # that one create tries while they don't answer, as the product does
NO_HOST, UNREACHABLE, BUSY = "no host", "unreachable", "busy"


@dataclass(frozen=True, slots=True)
class SimulatedPod:
    """A pod: its record, the usable totals that it really has, and what is used when it comes."""

    pod: Pod
    totals: Totals
    used: Amounts = field(default_factory=Amounts)


@dataclass(frozen=True, slots=True)
class Created:
    """A server that runs: where, what it takes, and what its create did to the binding."""

    pod_id: str
    need: Amounts
    action: Action


@dataclass(frozen=True, slots=True)
class Refused:
    """A create without a server. ``why`` is the gateway's status, or NO_HOST, UNREACHABLE, BUSY."""

    why: str


class _NoDecisions(MemoryDecisionStore):
    """Keeps none: a simulation makes more of them than fit, and counts what it needs itself."""

    def save(self, decision: Decision) -> None:
        """Forget it."""


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
        """Start with every pod refreshed once, and who is bound. All pods offer ``flavors``, by their ids."""
        self.now = now
        self.flavors = dict(flavors)
        self.totals: dict[str, Totals] = {}
        self.used: dict[str, Amounts] = {}
        self.lost: set[str] = set()
        self.bindings = MemoryBindingStore()
        self._capacities = MemoryCapacityStore()
        self._claims = MemoryClaimStore()
        self._pods = MemoryPodStore((), self._capacities, self._claims)
        self._settling = Settling(self._claims, self._pods)
        self._troubles = Troubles(MemoryTroubleStore(), self._clock)
        numbers = count(1)
        self._binder = Binder(
            pods=self._pods,
            bindings=self.bindings,
            projects=MemoryProjectStore(),
            profiles=MemoryProfileStore([replace(profile, name=DEFAULT)]),
            decisions=_NoDecisions(self._clock),
            clock=self._clock,
            ids=lambda: f"decision-{next(numbers)}",
            claims=self._claims,
        )
        for pod in pods:
            self._register(pod)
        for binding in bindings:
            self.bindings.commit(change_of(None, binding))
        self._known = self._pods.list()
        self.refresh()

    def add(self, pod: SimulatedPod) -> None:
        """Register a new pod; its first report comes at once, as when an operator registers one."""
        self._register(pod)
        self._observe(self._pods.get(pod.pod.pod_id))
        self._known = self._pods.list()

    def lose(self, pod_id: str) -> None:
        """From now on the pod doesn't answer; what ran there is gone. Raises NotFound."""
        self._pods.get(pod_id)
        self.lost.add(pod_id)
        self.used[pod_id] = Amounts()

    def refresh(self) -> None:
        """One round, as each minute's: every pod reports, or is noted as out of reach."""
        for pod in self._known:
            self._observe(pod)
        self._known = self._pods.list()

    def create(self, project_id: str, flavor_id: str, az_name: str | None) -> Created | Refused:
        """One server, the way ``Servers.create`` makes it, on what the last round reported."""
        flavor = self.flavors[flavor_id]
        spec = RequestSpec(project_id, flavor, flavor.need(), self.now, az_name=az_name)
        spec = self._troubles.noted_in(spec, self._known)
        for _ in range(MOST_PODS):
            try:
                placement = self._binder.bind(spec, self._known)
            except NoPod as none:
                return Refused(UNREACHABLE if spec.failed_pod_ids else str(none.status))
            except StoreBusy:
                return Refused(BUSY)
            pod_id = placement.pod.pod_id
            if pod_id in self.lost:
                placement.release()
                self._troubles.call_failed(pod_id)
                spec = spec.failed_in(pod_id)
                continue
            if self.fill(pod_id, spec.need) > 1.0:  # its own scheduler finds no host
                placement.release()
                self._troubles.build_failed(pod_id)
                return Refused(NO_HOST)
            self.used[pod_id] += spec.need
            return Created(pod_id, spec.need, placement.action)
        return Refused(UNREACHABLE)

    def delete(self, server: Created) -> None:
        """The server ends; one of a lost pod is gone already."""
        if server.pod_id not in self.lost:
            self.used[server.pod_id] -= server.need

    def fill(self, pod_id: str, need: Amounts = Amounts()) -> float:
        """How full a pod really is, after a need: the fullest resource, as a fraction of its total."""
        fill = fullest(self.used[pod_id] + need, self.totals[pod_id])
        return fill.fraction if fill else 0.0

    def pods(self) -> list[Pod]:
        """All pods as the last round left them, lost ones too."""
        return list(self._known)

    def _clock(self) -> datetime:
        return self.now

    def _register(self, pod: SimulatedPod) -> None:
        self._pods.create(pod.pod)
        self.totals[pod.pod.pod_id] = pod.totals
        self.used[pod.pod.pod_id] = pod.used

    def _observe(self, pod: Pod) -> None:
        if pod.pod_id in self.lost:
            self._capacities.failed(pod.pod_id, self.now, f"{pod.pod_name} doesn't answer")
            return
        capacity = Capacity(self.totals[pod.pod_id], self.used[pod.pod_id], self.now)
        self._capacities.save(pod.pod_id, CapacityReport(capacity, self.flavors))
        self._settling.settle(replace(pod, capacity=capacity), self.now)
        self._troubles.answered(pod.pod_id, self.now)
