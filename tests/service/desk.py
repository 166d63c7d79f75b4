"""Desk: the operator's services over memory stores, with a catalogue and a clock that a test sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.adapters.memory.capacity_store import MemoryCapacityStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.adapters.memory.decision_store import MemoryDecisionStore
from chalicelib.adapters.memory.job_queue import MemoryJobQueue
from chalicelib.adapters.memory.job_store import MemoryJobStore
from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.adapters.memory.profile_store import MemoryProfileStore
from chalicelib.adapters.memory.project_store import MemoryProjectStore
from chalicelib.adapters.memory.trouble_store import MemoryTroubleStore
from chalicelib.model.errors import InvalidField, NotFound
from chalicelib.model.identity import Caller, Identity
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.operating.bindings import Rebinding
from chalicelib.service.operating.decisions import Decisions
from chalicelib.service.operating.drains import Draining
from chalicelib.service.operating.explaining import Explaining
from chalicelib.service.operating.health import Health
from chalicelib.service.operating.jobs import Jobs
from chalicelib.service.operating.pod_proof import PodProof
from chalicelib.service.operating.pod_references import PodReferences
from chalicelib.service.operating.pods import Pods
from chalicelib.service.operating.profiles import Profiles
from chalicelib.service.operating.rehearsal import Rehearsal
from tests.builders import NOW

OPERATOR = Caller(
    Identity("op-1", "admin-project", frozenset({"admin"}), datetime(2099, 1, 1, tzinfo=UTC)),
    token="a-token",
    request_id="req-1",
)


@dataclass
class SetClock:
    """A clock that stands until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class ScriptedDirectory:
    """A catalogue and pods that answer what a test says; ``refusal`` is raised instead."""

    catalogue: dict[str, str] = field(default_factory=lambda: {"compute": "https://nova.pod.example"})
    versions: tuple[str, str] = ("2.1", "2.96")
    refusal: Exception | None = None
    silence: Exception | None = None

    def endpoints(self, pod_name: str, credential_ref: str) -> Mapping[str, str]:
        if self.refusal:
            raise self.refusal
        return {service: f"{url}/{pod_name}" for service, url in self.catalogue.items()}

    def microversions(self, pod) -> tuple[str, str]:
        if self.silence:
            raise self.silence
        return self.versions


class HttpsOnly:
    """An endpoint policy that takes https alone."""

    def check(self, endpoints: Mapping[str, str]) -> None:
        for service, url in endpoints.items():
            if not url.startswith("https://"):
                raise InvalidField(f"endpoints.{service}", "must be https")


class NoSearch:
    """An operator's search for servers that nobody remembers: it finds none."""

    def send(self, caller, resource, server_id, request):
        raise NotFound("Instance", server_id)


class Desk:
    """What one operator works with."""

    def __init__(self, *pods) -> None:
        self.clock = SetClock()
        self.directory = ScriptedDirectory()
        self.capacities = MemoryCapacityStore()
        self.claims = MemoryClaimStore()
        self.pod_store = MemoryPodStore(pods, self.capacities, self.claims)
        self.bindings = MemoryBindingStore()
        self.projects = MemoryProjectStore()
        self.job_store = MemoryJobStore()
        self.locations = MemoryLocationStore(self.clock)
        fresh = count(1)
        self.pods = Pods(
            store=self.pod_store,
            capacities=self.capacities,
            proof=PodProof(self.directory, HttpsOnly()),
            references=PodReferences(
                self.bindings, self.locations, self.projects, self.claims, self.job_store
            ),
            clock=self.clock,
            ids=lambda: f"id-{next(fresh)}",
        )
        self.rebinding = Rebinding(self.bindings, self.pod_store, self.projects, self.clock)
        self.troubles = Troubles(MemoryTroubleStore(), self.clock, cache_seconds=0.0)
        self.health = Health(self.pod_store, self.troubles, self.clock)
        self.kept = MemoryDecisionStore(self.clock)
        self.explaining = Explaining(self.kept, self.locations, NoSearch())
        self.profile_store = MemoryProfileStore()
        self.profiles = Profiles(self.profile_store, self.pod_store, self.clock)
        self.rehearsal = Rehearsal(self.kept, self.profile_store, self.profiles, self.pod_store)
        self.decisions = Decisions(
            decisions=self.kept,
            pods=self.pod_store,
            bindings=self.bindings,
            profiles=self.profile_store,
            troubles=self.troubles,
            clock=self.clock,
            ids=lambda: "dry-1",
        )
        self.queue = MemoryJobQueue()
        draining = Draining(
            pods=self.pod_store,
            bindings=self.bindings,
            projects=self.projects,
            profiles=self.profile_store,
            decisions=self.kept,
            jobs=self.job_store,
            troubles=self.troubles,
            clock=self.clock,
            ids=self.pods.ids,
        )
        self.jobs = Jobs(
            store=self.job_store,
            queue=self.queue,
            draining=draining,
            pods=self.pods,
            bindings=self.bindings,
            clock=self.clock,
            ids=self.pods.ids,
        )
