"""Pods whose Novas keep aggregates, and the operator's view of them as one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.model.pod_request import PodReply, PodRequest
from tests.builders import a_pod
from tests.service.desk import OPERATOR, World
from tests.service.kinds.scripted_pods import ScriptedPods, reply

PATH = "/os-aggregates"
MARKED = {"x-openstack-request-id": "req-1"}


def asked(method: str = "GET", path: str = PATH, body: object = None, **fields: Any) -> PodRequest:
    """The operator's request; a pod's own one differs from it in what a test names."""
    raw = None if body is None else json.dumps(body).encode()
    who = {"token": OPERATOR.token, "identity": OPERATOR.identity, "request_id": OPERATOR.request_id}
    headers = {"x-openstack-nova-api-version": "2.81"}
    return PodRequest(method, path, headers=headers, body=raw, **{**who, **fields})


def fault(status: int, message: str = "no") -> PodReply:
    return reply({"conflictingRequest": {"code": status, "message": message}}, status)


def row(
    aggregate_id: int, name: str = "ssd", zone: str | None = None, hosts: Sequence[str] = (), **metadata: str
) -> dict[str, Any]:
    """An aggregate as operators see it."""
    shown = {"id": aggregate_id, "name": name, "availability_zone": zone, "hosts": list(hosts)}
    return {**shown, "metadata": metadata}


SSD = row(10001, hosts=["h1@PodA", "h2@PodB", "h3@PodB"], tier="1", only="b")


@dataclass
class AggregateNova:
    """A Nova's aggregates by their own ids, and its compute hosts; what it lacks it denies with 404."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()

    def has(self, own_id: int, name: str = "ssd", zone: str | None = None, **fields: Any) -> None:
        metadata = {"availability_zone": zone} if zone else {}
        made = {"id": own_id, "name": name, "availability_zone": zone, "hosts": [], "metadata": metadata}
        self.rows[own_id] = {**made, **fields}

    def __call__(self, request: PodRequest) -> PodReply:
        below = request.path.removeprefix(PATH).split("/")[1:]
        order = json.loads(request.body or b"null")
        if request.path.startswith("/os-services?"):
            there = [{"host": host} for host in self.hosts if f"host={host}&" in request.path]
            return reply({"services": there})
        if not below:
            return self._whole(request.method, order)
        row = self.rows.get(int(below[0]))
        if row is None:
            return fault(404)
        if request.method == "DELETE":
            del self.rows[row["id"]]
            return reply(**MARKED)
        if below[1:] == ["images"]:
            return reply(b"", 202, **MARKED)
        if request.method == "PUT":
            row.update(order["aggregate"])
            return reply({"aggregate": row})
        ((verb, what),) = order.items()
        if verb == "set_metadata":
            row["metadata"] = {**row["metadata"], **what["metadata"]}
        elif verb == "add_host":
            row["hosts"] = [*row["hosts"], what["host"]]
        elif what["host"] in row["hosts"]:
            row["hosts"] = [host for host in row["hosts"] if host != what["host"]]
        else:
            return fault(404)
        return reply({"aggregate": row})

    def _whole(self, method: str, order: Any) -> PodReply:
        if method == "GET":
            return reply({"aggregates": list(self.rows.values())})
        name, zone = order["aggregate"]["name"], order["aggregate"]["availability_zone"]
        if any(row["name"] == name for row in self.rows.values()):
            return fault(409, "it exists")
        own_id = max(self.rows, default=0) + 1
        self.has(own_id, name, zone)
        shown = self.rows[own_id]
        return reply({"aggregate": {key: shown[key] for key in ("id", "name", "availability_zone")}})


class Aggregating(World):
    """PodA and PodB stand in az1, PodC in az2, which its own Nova calls inner; their numbers are 1 to 3."""

    def __init__(self) -> None:
        self.novas = {name: AggregateNova() for name in ("pod-a", "pod-b", "pod-c")}
        self.client = ScriptedPods(**self.novas)
        pods = (a_pod("pod-a"), a_pod("pod-b"), a_pod("pod-c", "az2", pod_az_name="inner"))
        super().__init__(*pods, client=self.client)
        self.outside.numbers.of([pod.pod_id for pod in pods])
        self.aggregates = self.services.aggregates

    @classmethod
    def with_parts(cls) -> Aggregating:
        """One with a part in each pod, with hosts in two, and one of PodC's own zone."""
        world = cls()
        world.novas["pod-a"].has(1, hosts=["h1"], metadata={"tier": "1"})
        world.novas["pod-b"].has(4, hosts=["h2", "h3"], metadata={"tier": "2", "only": "b"})
        world.novas["pod-c"].has(2, "west", "inner")
        world.novas["pod-c"].has(6)
        return world

    def silence(self, *pod_ids: str) -> None:
        for pod_id in pod_ids:
            self.client.by_pod[pod_id] = None

    def find(self, aggregate_id: int) -> Any:
        found = self.aggregates.find(OPERATOR, aggregate_id, asked())
        self.client.asked.clear()
        return found

    def create(self, **order: Any) -> Any:
        return self.aggregates.create(OPERATOR, asked("POST", "/elsewhere"), order)

    def write(self, found: Any, method: str = "POST", below: str = "/action", body: object = None) -> Any:
        return self.aggregates.write(OPERATOR, found, asked(method), below, lambda pod: body)

    def host(self, found: Any, verb: str, host: str) -> Any:
        return self.aggregates.write_host(OPERATOR, found, asked("POST", f"{PATH}/1/action"), verb, host)

    def heard(self) -> list[tuple[str, PodRequest]]:
        """What pods were asked to change, by pod."""
        changes = [each for each in self.client.asked if each[1].changes_something]
        return sorted(changes, key=lambda each: each[0])
