"""Pods with a small Nova on a set clock: hosts take servers, and let them go, some seconds after the call."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.errors import NoPod
from chalicelib.model.identity import Caller, Identity
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.sighting import Sighting, Stage
from tests.builders import PROJECT, a_capacity, a_flavor, a_pod
from tests.service.desk import NoServers, World

NEVER = datetime.max.replace(tzinfo=UTC)
BUILD_SECONDS, DELETE_SECONDS = 2.0, 1.5
FLAVOR = a_flavor(ram_mb=0, root_gb=0)
TENANT = Caller(
    Identity("user-1", PROJECT, frozenset({"member"}), datetime(2099, 1, 1, tzinfo=UTC)),
    token="a-token",
    request_id="req-1",
)


def _nothing() -> None:
    """Stand for a moment in which nobody does anything."""


@dataclass
class Server:
    """A server as its pod knows it; nobody's before ``host_at``, and gone after ``gone_at``."""

    server_id: str
    pod_id: str
    name: str
    created_at: datetime
    gone_at: datetime = NEVER
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def host_at(self) -> datetime:
        return self.created_at + timedelta(seconds=BUILD_SECONDS)

    def taken(self, now: datetime) -> bool:
        """Whether a report that is observed now counts it."""
        return self.host_at <= now < self.gone_at

    def stage(self, now: datetime) -> Stage:
        if self.gone_at <= now:
            return Stage.FREED
        return Stage.LAUNCHED if self.host_at <= now else Stage.WAITING


@dataclass
class Cloud(World):
    """Pods of ``vcpus`` each, of which others use ``used``, behind all our services."""

    vcpus: int
    used: int = 0
    pods: tuple[str, ...] = ("pod-a",)
    servers: dict[str, Server] = field(default_factory=dict)
    refuses: bool = False
    meanwhile: Callable[[], None] = _nothing

    def __post_init__(self) -> None:
        super().__init__(*map(a_pod, self.pods), client=self, reader=self, servers=_Listing(self))
        self.refresh()

    def passes(self, seconds: float) -> None:
        self.clock.passes(seconds)

    def refresh(self) -> None:
        assert not self.services.capacity_refresh.refresh_all().failed

    def create(self, count: int = 1) -> list[str]:
        """Boot servers as a tenant; returns their ids. Raises NoPod."""
        body = {"server": {"name": "vm", "flavorRef": "m1.small"}}
        order = ServerOrder(json.dumps(body).encode(), body, "vm", "m1.small", count=count)
        known = set(self.servers)
        request = PodRequest("POST", "/servers", headers={"count": str(count)}, token="a-token")
        self.services.servers.create(TENANT, order, request)
        return [server_id for server_id in self.servers if server_id not in known]

    def delete(self, server_id: str) -> int:
        return self._located("DELETE", server_id)

    def show(self, server_id: str) -> int:
        return self._located("GET", server_id)

    def _located(self, method: str, server_id: str) -> int:
        request = PodRequest(method, f"/servers/{server_id}", token="a-token")
        return self.services.located.send(TENANT, SERVERS, server_id, request).reply.status

    def taken(self, pod_id: str) -> int:
        """What is really in use of a pod."""
        now = self.clock.now
        return self.used + sum(s.pod_id == pod_id and s.taken(now) for s in self.servers.values())

    def holds(self, pod_id: str) -> int:
        """What is in use of a pod, with the servers that have no host yet."""
        now = self.clock.now
        return self.used + sum(s.pod_id == pod_id and now < s.gone_at for s in self.servers.values())

    def balances(self) -> list[tuple[int, int, int]]:
        """Of each pod: what is free, what is claimed, what is really left."""
        read = [(pod_id, self.outside.claims.read(pod_id)) for pod_id in self.pods]
        return [(b.free.vcpus, b.claimed.vcpus, self.vcpus - self.taken(pod_id)) for pod_id, b in read]

    def read(self, pod) -> CapacityReport:
        """What a pod reports; ``meanwhile`` happens once before it counts, and once before it answers."""
        meanwhile, self.meanwhile, began_at = self.meanwhile, _nothing, self.clock.now
        meanwhile()
        used = Amounts(vcpus=self.taken(pod.pod_id))
        meanwhile()
        capacity = a_capacity(self.vcpus, None, None, used=used, reported_at=began_at)
        return CapacityReport(capacity, {FLAVOR.flavor_id: FLAVOR})

    def send(self, pod, request) -> PodReply:
        """What a pod's Nova answers."""
        now, server_id = self.clock.now, request.path.rpartition("/")[2]
        if request.method == "POST":
            if self.refuses:
                return _reply(400, {"badRequest": {"code": 400, "message": "no such image"}})
            metadata = json.loads(request.body)["server"].get("metadata", {})
            made = [self._boot(pod.pod_id, metadata) for _ in range(int(request.headers["count"]))]
            return _reply(202, {"server": {"id": made[0].server_id}})
        if request.path.startswith("/servers/detail"):
            mine = [s for s in self.servers.values() if s.pod_id == pod.pod_id and now < s.gone_at]
            rows = [
                {
                    "id": s.server_id,
                    "name": s.name,
                    "created": s.created_at.isoformat(),
                    "metadata": s.metadata,
                }
                for s in mine
            ]
            return _reply(200, {"servers": rows[::-1]})
        server = self.servers.get(server_id)
        if server is None or server.pod_id != pod.pod_id or server.gone_at <= now:
            return _reply(404, {"itemNotFound": {"code": 404, "message": "no such server"}})
        if request.method == "DELETE":
            server.gone_at = min(server.gone_at, now + timedelta(seconds=DELETE_SECONDS))
            return PodReply(204, _MARK, b"")
        task = "deleting" if server.gone_at < NEVER else None
        return _reply(200, {"server": {"id": server_id, "OS-EXT-STS:task_state": task}})

    def _boot(self, pod_id: str, metadata: dict[str, str]) -> Server:
        number = len(self.servers)
        server_id = f"00000000-0000-4000-8000-{number:012}"
        self.servers[server_id] = Server(server_id, pod_id, "vm", self.clock.now, metadata=metadata)
        return self.servers[server_id]


class _Listing(NoServers):
    """The pods' lists of servers, as the refresh asks for them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def changed_since(self, pod, since):
        now = self.cloud.clock.now
        mine = [server for server in self.cloud.servers.values() if server.pod_id == pod.pod_id]
        return [Sighting(server.server_id, server.stage(now)) for server in mine]


def random_work(cloud: Cloud, dice: Random, steps: int) -> None:
    """Creates, deletes, refused creates and refreshes, in any order and at any pace."""
    for _ in range(steps):
        cloud.passes(dice.uniform(0.0, 8.0))
        alive = [server_id for server_id, s in cloud.servers.items() if s.gone_at > cloud.clock.now]
        match dice.choice(("create", "create", "refused", "delete", "show", "refresh")):
            case "create" | "refused" as what:
                cloud.refuses = what == "refused"
                with suppress(NoPod):
                    cloud.create(dice.randint(1, 3))
            case "delete" if alive:
                server_id = dice.choice(alive)
                for _ in range(dice.randint(1, 2)):  # clients may not wait
                    cloud.delete(server_id)
            case "show" if cloud.servers:
                cloud.show(dice.choice(list(cloud.servers)))
            case "refresh":
                cloud.refresh()
    cloud.refuses = False


_MARK = {"x-openstack-request-id": "req-pod"}


def _reply(status: int, body: object) -> PodReply:
    return PodReply(status, _MARK, json.dumps(body).encode())
