"""Worlds for tests: all services on memory stores, and an operator's desk with what it works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from chalicelib import wiring
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import NoCredential, Unauthenticated
from chalicelib.model.identity import Caller, Identity
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.sighting import Sighting
from chalicelib.model.sweep import FoundServer
from chalicelib.settings import Settings
from tests.builders import SetClock, a_capacity

# No cache: what a test writes into a store is seen at once, though the clock stands. And no quota: what these
# worlds have little of is room.
NOTHING_CACHED = Settings(
    roster_cache_seconds=0.0,
    snapshot_cache_seconds=0.0,
    profile_cache_seconds=0.0,
    trouble_cache_seconds=0.0,
    quota_cache_seconds=0.0,
    quota_instances=-1,
    quota_cores=-1,
    quota_ram=-1,
)
OPERATOR = Caller(
    Identity("op-1", "admin-project", frozenset({"admin"}), datetime(2099, 1, 1, tzinfo=UTC)),
    token="a-token",
    request_id="req-1",
)


class NoServers:
    """Pods in which no server changed, and which list none to be adopted."""

    def changed_since(self, pod, since) -> list[Sighting]:
        return []

    def page(self, pod, since, after) -> list[FoundServer]:
        return []

    def marked(self, pod, marker, project_id, since) -> list[FoundServer]:
        return []


class World:
    """All services on memory stores that hold ``pods``; the ids it gives are id-1, id-2 and so on.

    ``scripted`` replaces parts of the outside world by their names in ``wiring.Adapters``; pods list no
    servers to the refresh unless it says so.
    """

    def __init__(self, *pods, chosen=NOTHING_CACHED, **scripted) -> None:
        self.clock = SetClock()
        numbers = count(1)
        outside = wiring.in_memory(chosen, self.clock, lambda: f"id-{next(numbers)}", pods)
        self.outside = replace(outside, **{"servers": NoServers(), "pause": self.clock.passes, **scripted})
        self.services = wiring.build_services(self.outside, chosen)


@dataclass
class ScriptedDirectory:
    """A service catalogue and pods that answer what a test says; ``refusal`` is raised instead."""

    catalogue: dict[str, str] = field(default_factory=lambda: {"compute": "https://nova.pod.example"})
    versions: tuple[str, str] = ("2.1", "2.96")
    refusal: Exception | None = None
    silence: Exception | None = None

    def endpoints(self, pod_name: str, credential_ref: str, auth_url: str = "") -> Mapping[str, str]:
        return self.endpoints_by_token(pod_name, "")

    def endpoints_by_token(self, pod_name: str, token: str) -> Mapping[str, str]:
        if self.refusal:
            raise self.refusal
        return {service: f"{url}/{pod_name}" for service, url in self.catalogue.items()}

    def microversions(self, pod) -> tuple[str, str]:
        if self.silence:
            raise self.silence
        return self.versions


@dataclass
class ScriptedProjects:
    """The own Keystones of pods: each credential is for the project that a test says; else it is refused."""

    inside: dict[str, str] = field(default_factory=lambda: {"ours-there": "a" * 32})
    is_admins: bool = False

    def project_of(self, ref: str, auth_url: str) -> tuple[str, bool]:
        if ref not in self.inside:
            raise NoCredential(f"Keystone refuses the credential {ref}: 401")
        return self.inside[ref], self.is_admins


@dataclass
class ScriptedNova:
    """Novas that give each request the same reply; ``silence`` is raised instead."""

    reply: PodReply = field(default_factory=lambda: PodReply(200, {}, b'{"flavors": []}'))
    silence: Exception | None = None
    heard: list[tuple[str, PodRequest]] = field(default_factory=list)

    def send(self, pod, request: PodRequest) -> PodReply:
        self.heard.append((pod.pod_name, request))
        if self.silence:
            raise self.silence
        return self.reply


@dataclass
class ScriptedReader:
    """Pods that report what a test says; ``refusal`` is raised instead."""

    report: CapacityReport = field(default_factory=lambda: CapacityReport(a_capacity()))
    refusal: Exception | None = None

    def read(self, pod) -> CapacityReport:
        if self.refusal:
            raise self.refusal
        return self.report


class ScriptedTokens:
    """A Keystone that knows two operators' tokens and one member's."""

    def validate(self, token: str) -> Identity:
        known = {"operator": ("op-1", "admin"), "colleague": ("op-2", "admin"), "member": ("op-1", "member")}
        if token not in known:
            raise Unauthenticated("no token")
        user_id, role = known[token]
        return replace(OPERATOR.identity, user_id=user_id, roles=frozenset({role}))


class Desk(World):
    """What one operator works with; stores that share their name with a service have a longer one."""

    def __init__(self, *pods, **scripted) -> None:
        self.directory, self.nova, self.reader = ScriptedDirectory(), ScriptedNova(), ScriptedReader()
        self.inside = ScriptedProjects()
        pods_and_keystone = {
            "directory": self.directory,
            "projects_inside": self.inside,
            "client": self.nova,
            "reader": self.reader,
        }
        super().__init__(*pods, **{"tokens": ScriptedTokens(), **pods_and_keystone, **scripted})
        outside, services = self.outside, self.services
        self.bindings, self.projects, self.locations = outside.bindings, outside.projects, outside.locations
        self.capacities, self.claims, self.queue = outside.capacities, outside.claims, outside.queue
        self.pod_store, self.job_store, self.kept = outside.pods, outside.jobs, outside.decisions
        self.profile_store = outside.profiles
        self.pods, self.profiles = services.pods, services.profiles
        self.jobs, self.slices, self.drains = services.jobs, services.slices, services.drains
        self.rebinding, self.decisions, self.rehearsal = (
            services.bindings,
            services.decisions,
            services.rehearsal,
        )
