"""Novas: the stand-in pods of the matrix, called without a network, on the virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import parse_qs

from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from local.standin import pod as standin
from local.standin.hosts import Host, HostSize
from local.standin.identity import Token
from local.standin.ids import RandomIds
from local.standin.message import Request
from local.standin.network import Network
from local.standin.nova.flavor import Flavor
from local.standin.nova.server import Server
from local.standin.nova.state import NovaState
from local.standin.plan import DemoPod
from tests.builders import NOW, PROJECT, a_capacity, a_flavor
from tests.crash.clock import VirtualClock

VCPUS = 16  # of each pod
SIZE = HostSize(vcpus=VCPUS, ram_mb=65536, disk_gb=1000)
FLAVOR = a_flavor("1", ram_mb=512, root_gb=1)
MEMBER, SERVICE = "a-member's-token", "the-service's-token"
USER = "user-1"


class _Keystone:
    """Knows the tenant's token, and that of the pods' service credential."""

    def read(self, token_id: str) -> Token | None:
        owners = {
            MEMBER: (USER, PROJECT, ("member",)),
            SERVICE: ("trio2o", "service", ("admin", "member", "service")),
        }
        if token_id not in owners:
            return None
        user_id, project_id, roles = owners[token_id]
        return Token(token_id, user_id, ("password",), roles, NOW, NOW, "", project_id=project_id)


class _Numbered:
    """Ids in the order in which they are made, so that a run can be told again."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._made = prefix, 0

    def uuid(self) -> str:
        self._made += 1
        return f"{self._prefix}-0000-4000-8000-{self._made:012x}"

    def token(self) -> str:
        return self.uuid()


@dataclass(frozen=True)
class Made:
    """A server of a pod, as the checks see it."""

    pod_id: str
    server: Server

    @property
    def create(self) -> str:
        """The name of the create that it is of: those of a multi-create have a number more."""
        return "-".join(self.server.name.split("-")[:2])

    @property
    def alive(self) -> bool:
        """Whether its pod neither deleted it nor is about to."""
        return self.server.alive and self.server.task_state != "deleting"


@cache
def _built(pod_id: str) -> standin.Pod:
    """A pod with its services, which take longer to build than most runs last."""
    return standin.Pod(
        DemoPod(pod_id, "az1", (SIZE,)),
        authority=_Keystone(),
        keystone_url="",
        clock=VirtualClock(),
        ids=RandomIds(),
        flavors=[Flavor("1", "m1.tiny", vcpus=1, ram_mb=512, disk_gb=1)],
        images=("cirros",),
    )


def _blank(pod_id: str, number: int, clock: VirtualClock) -> standin.Pod:
    """The same pod without anything in it, on another clock."""
    pod = _built(pod_id)
    fresh = NovaState(
        clock=clock,
        ids=_Numbered(f"{number:08x}"),  # type: ignore[arg-type]
        hosts=(Host(f"{pod_id}-host", SIZE),),
        images=pod.nova.images,
        network=Network(pod_id),
        build_seconds=2.0,
        action_seconds=1.0,
        flavors=pod.nova.flavors,
    )
    vars(pod.nova).update(vars(fresh))
    pod.journal.clear()
    return pod


class Novas:
    """Every pod keeps its servers, with their tags and metadata, the deleted ones too."""

    def __init__(self, clock: VirtualClock, pod_ids: tuple[str, ...], made: Callable[[], None]) -> None:
        """``made`` is told when a pod has made servers."""
        self._clock, self._made, self._requests = clock, made, 0
        self.without_cell: set[str] = set()
        self.tells_of_cells = True
        self.pods = {pod_id: _blank(pod_id, number, clock) for number, pod_id in enumerate(pod_ids, start=1)}

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """What a pod's Nova answers. While its cell is out of reach, it lists none of the servers there."""
        reply = self._answer(pod, request)
        if pod.pod_id not in self.without_cell or request.method != "GET" or reply.status != 200:
            return reply
        told = json.loads(reply.body)
        if "servers" in told:
            told["servers"] = []
        for service in told.get("services", ()) if self.tells_of_cells else ():
            service["status"] = "UNKNOWN"
        return replace(reply, body=json.dumps(told).encode())

    def _answer(self, pod: Pod, request: PodRequest) -> PodReply:
        path, _, query = request.path.partition("?")
        self._requests += 1
        told = self.pods[pod.pod_id].serve(
            Request(
                method=request.method,
                path=f"/compute/v2.1{path}",
                query=parse_qs(query, keep_blank_values=True),
                query_string=query,
                headers={
                    **{name.lower(): value for name, value in request.headers.items()},
                    "x-auth-token": request.token or SERVICE,
                },
                body=request.body or b"",
                request_id=f"req-{self._requests:08x}-0000-4000-8000-000000000000",
            )
        )
        if (request.method, path, told.status) == ("POST", "/servers", 202):
            self._made()
        return PodReply(told.status, {k.lower(): v for k, v in told.headers.items()}, told.payload())

    def cells_come_back(self) -> None:
        """Let pods see all their servers again; hosts that come back write of theirs that they run."""
        self.without_cell.clear()
        for made in self.servers():
            made.server.updated_at = self._clock()

    def read(self, pod: Pod) -> CapacityReport:
        """What a pod reports of its room."""
        taken = sum(len(host.taken) for host in self.pods[pod.pod_id].nova.hosts)
        self.pods[pod.pod_id].nova.all_servers()
        used = Amounts(vcpus=taken)
        capacity = a_capacity(VCPUS, None, None, used=used, reported_at=self._clock())
        return CapacityReport(capacity, {FLAVOR.flavor_id: FLAVOR}, "2.1", "2.96", pod.generation)

    def servers(self) -> Iterator[Made]:
        """All servers that were ever made in any pod."""
        for pod_id, pod in self.pods.items():
            for server in pod.nova.all_servers():
                yield Made(pod_id, server)
