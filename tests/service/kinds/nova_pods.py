"""Pods that list servers as Nova does, each with a collation of its own, and the gateway over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from chalicelib.model.list_query import ListQuery
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.pages import ResourcePage
from tests.builders import NOW, PROJECT, a_pod
from tests.service.desk import World
from tests.service.kinds.scripted_pods import TENANT, ScriptedPods, reply

Pairs = tuple[tuple[str, str], ...]
Collation = Callable[[str], object]
SORTED_BY = {
    "created_at": "made",
    "display_name": "name",
    "vm_state": "OS-EXT-STS:vm_state",
    "launched_at": "OS-SRV-USG:launched_at",
    "power_state": "OS-EXT-STS:power_state",
    "uuid": "id",
}
BRIEF, DETAIL = "/servers", "/servers/detail"
TEXTS = ("display_name", "vm_state")


@dataclass(frozen=True)
class Vm:
    """A server in the pod with this number, made so many seconds and microseconds after the others' time."""

    number: int
    pod: int = 0
    second: int = 0
    fraction: int = 0
    name: str = "vm"
    state: str = "active"
    launched: int | None = 0
    power: int = 1
    status: str = "ACTIVE"

    @property
    def id(self) -> str:
        return f"00000000-0000-4000-8000-{self.number:012d}"

    @property
    def made(self) -> str:
        return (NOW + timedelta(seconds=self.second, microseconds=self.fraction)).isoformat()

    def row(self) -> dict[str, object]:
        launched = None if self.launched is None else f"2025-06-01T12:00:{self.launched:02d}.000000"
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "created": (NOW + timedelta(seconds=self.second)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "OS-EXT-STS:vm_state": self.state,
            "OS-EXT-STS:power_state": self.power,
            "OS-SRV-USG:launched_at": launched,
        }


class NovaPod:
    """Sorts as Nova over cells: the keys asked for, then ``uuid`` ascending; null is the least.

    ``collation`` is how its database sorts text; it keeps fractions of seconds that its answers don't show.
    What is ``deleted`` is listed by ``changes-since`` alone, and stays a marker until it is purged. What is
    being ``scheduled`` comes before all else, in any order, on the first page.
    """

    def __init__(self, vms: Iterable[Vm], collation: Collation = str.upper) -> None:
        self.rows = {vm.id: {**vm.row(), "made": vm.made} for vm in vms}
        self.collation = collation
        self.deleted: set[str] = set()
        self.scheduled: list[dict[str, object]] = []

    def add(self, vm: Vm) -> None:
        self.rows[vm.id] = {**vm.row(), "made": vm.made}

    def purge(self) -> None:
        self.rows = {each: row for each, row in self.rows.items() if each not in self.deleted}

    def __call__(self, request: PodRequest) -> PodReply:
        url = urlsplit(request.path)
        query = parse_qs(url.query)
        if not url.path.endswith(("/servers", "/servers/detail")):
            server_id = url.path.rpartition("/")[2]
            if server_id in self.deleted or server_id not in self.rows:
                return reply({"itemNotFound": {"code": 404, "message": "Instance could not be found."}}, 404)
            return reply({"server": _shown(self.rows[server_id])})
        marker, limit = query.get("marker", [""])[0], int(query.get("limit", ["1000"])[0])
        if marker and marker not in self.rows:
            return reply({"badRequest": {"code": 400, "message": f"marker [{marker}] not found"}}, 400)
        ids = self._sorted(query)
        start = self._after(marker, ids, query) if marker else 0
        page = ids[start : start + limit]
        links = {"servers_links": [{"rel": "next"}]} if len(page) == limit else {}
        rows = [_shown(self.rows[each]) for each in page]
        if not marker:
            rows = [*self.scheduled, *rows][:limit]
        if url.path == "/servers":
            rows = [{"id": row["id"], "name": row["name"]} for row in rows]
        return reply({"servers": rows, **links})

    def _after(self, marker: str, ids: list[str], query: dict[str, list[str]]) -> int:
        """How many of the ids come up to the marker, which the query may leave out."""
        sorting = {key: values for key, values in query.items() if key.startswith("sort_")}
        every = self._sorted({**sorting, "changes-since": ["ever"]})
        return len([each for each in ids if every.index(each) <= every.index(marker)])

    def _sorted(self, query: dict[str, list[str]]) -> list[str]:
        keys, directions = query.get("sort_key", ["created_at"]), query.get("sort_dir", ["desc"])
        name = query.get("name", [""])[0]
        there = self.rows.keys() if "changes-since" in query else self.rows.keys() - self.deleted
        ids = sorted(each for each in there if name in str(self.rows[each]["name"]))
        for key, direction in reversed(list(zip(keys, directions, strict=True))):
            values = {each: self._value(key, self.rows[each]) for each in ids}
            ids.sort(key=values.__getitem__, reverse=direction == "desc")
        return ids

    def _value(self, key: str, row: dict[str, object]) -> tuple[bool, object]:
        value = row[SORTED_BY[key]]
        folded = self.collation(str(value)) if key in TEXTS else value
        return value is not None, folded if value is not None else 0


def _shown(row: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if key != "made"}


class NovaCloud(World):
    """Three pods with these servers, whose locations are known but for those of the ``strangers``."""

    def __init__(
        self, vms: Iterable[Vm], collation: Collation = str.upper, strangers: Iterable[int] = ()
    ) -> None:
        self.vms = {vm.id: vm for vm in vms}
        self.pods = [a_pod(f"pod-{number}", f"az{number}") for number in range(3)]
        held = {f"pod-{n}": [vm for vm in self.vms.values() if vm.pod == n] for n in range(3)}
        self.novas = {pod_id: NovaPod(vms, collation) for pod_id, vms in held.items()}
        self.client = ScriptedPods(**self.novas)
        super().__init__(*self.pods, client=self.client)
        for vm in self.vms.values():
            self.outside.projects.add(PROJECT, f"pod-{vm.pod}")
            made = NOW + timedelta(seconds=vm.second)
            if vm.number not in strangers:
                self.outside.locations.remember(Location(vm.id, PROJECT, f"pod-{vm.pod}", made, vm.name))

    def add(self, vm: Vm) -> None:
        self.novas[f"pod-{vm.pod}"].add(vm)

    def delete(self, server_id: str) -> None:
        self.novas[self.pod_of(server_id)].deleted.add(server_id)

    def pod_of(self, server_id: str) -> str:
        return f"pod-{self.vms[server_id].pod}"

    def down(self) -> set[str]:
        """The project's pods that don't answer."""
        return {pod_id for pod_id, says in self.client.by_pod.items() if says is None} & {
            self.pod_of(each) for each in self.vms
        }

    def suffer(self, failing: int | None, back: int | None, deleted: Iterable[int]) -> set[str]:
        """A pod fails, one comes back, servers are deleted in pods that answer; returns those."""
        for number, says in ((failing, None), (back, self.novas.get(f"pod-{back}"))):
            if number is not None:
                self.client.by_pod[f"pod-{number}"] = says
        gone = {Vm(number).id for number in deleted} & self.vms.keys()
        gone = {each for each in gone if self.pod_of(each) not in self.down()}
        for each in gone:
            self.delete(each)
            self.outside.locations.end(each, NOW, deleted=True)
        return gone

    def page(
        self, pairs: Pairs, limit: int | None = None, marker: str = "", path: str = DETAIL
    ) -> ResourcePage:
        query = ListQuery(pairs, limit, marker)
        return self.services.merged.page(TENANT, SERVERS, query, PodRequest("GET", path))

    def ids(self, pairs: Pairs, limit: int | None = None, marker: str = "", path: str = DETAIL) -> list[str]:
        return [listed.row["id"] for listed in self.page(pairs, limit, marker, path).rows]

    def forward(self, pairs: Pairs, limit: int, path: str = DETAIL) -> list[list[str]]:
        """All pages, each asked for with the last row of the one before."""
        found: list[list[str]] = []
        while page := self.ids(pairs, limit, found[-1][-1] if found else "", path):
            found.append(page)
            assert sum(map(len, found)) <= len(self.vms), f"more rows than servers: {found}"
        return found


def flat(found: list[list[str]]) -> list[str]:
    return [each for page in found for each in page]


def turned(pairs: Pairs) -> Pairs:
    """The same order with every direction turned round."""
    keys = [pair for pair in pairs if pair[0] == "sort_key"]
    directions = [value for key, value in pairs if key == "sort_dir"] or ["desc"]
    back = [("sort_dir", "asc" if each == "desc" else "desc") for each in directions]
    return (*keys, *back)
