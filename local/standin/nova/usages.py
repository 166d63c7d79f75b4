"""Nova's simple tenant usage."""

from __future__ import annotations

from datetime import UTC, datetime

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall, refused
from local.standin.nova.server import Server
from local.standin.nova.state import NovaState
from local.standin.router import Router

_TOTALS = {
    "total_local_gb_usage": "local_gb",
    "total_vcpus_usage": "vcpus",
    "total_memory_mb_usage": "memory_mb",
}


class UsagesApi:
    """Counts hours since servers were launched, up to now or to their end."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-simple-tenant-usage", self.index)
        router.add("GET", "/os-simple-tenant-usage/{project}", self.show)

    def index(self, call: NovaCall) -> Reply:
        call.needs_admin("os-simple-tenant-usage:list")
        projects = self._projects(call, self._page(call, self._state.all_servers()))
        if call.request.first("detailed") != "1":
            for project in projects:
                del project["server_usages"]
        return Reply(200, {"tenant_usages": projects})

    def show(self, call: NovaCall) -> Reply:
        project_id = call.vars["project"]
        if project_id != call.project_id and not call.caller.is_admin:
            raise refused("os-simple-tenant-usage:show")
        mine = [server for server in self._state.all_servers() if server.project_id == project_id]
        projects = self._projects(call, self._page(call, mine))
        return Reply(200, {"tenant_usage": projects[0] if projects else {}})

    def _page(self, call: NovaCall, servers: list[Server]) -> list[Server]:
        """The servers after the marker, by project and id; paged from 2.40 on."""
        launched = sorted((x for x in servers if x.launched_at), key=lambda x: (x.project_id, x.id))
        if call.minor < 40:
            return launched
        if marker := call.request.first("marker"):
            ids = [server.id for server in launched]
            if marker not in ids:
                raise Fault(400, f"Marker {marker} could not be found.")
            launched = launched[ids.index(marker) + 1 :]
        return launched[: int(call.request.first("limit") or 1000)]

    def _projects(self, call: NovaCall, servers: list[Server]) -> list[Json]:
        if (call.request.first("end") or "9") < (call.request.first("start") or "0"):
            raise Fault(400, "Invalid start time. The start time cannot occur after the end time.")
        begun = datetime.fromisoformat(call.request.first("start") or "2000-01-01").replace(tzinfo=UTC)
        now = self._state.clock.now()
        projects: dict[str, Json] = {}
        for server in servers:
            row = _row(server, begun, now)
            blank = {"tenant_id": server.project_id, "server_usages": [], "total_hours": 0.0}
            times = {"start": begun.isoformat()[:-6], "stop": now.isoformat()[:-6]}
            project = projects.setdefault(server.project_id, blank | times | dict.fromkeys(_TOTALS, 0.0))
            project["server_usages"].append(row)
            project["total_hours"] += row["hours"]
            for total, amount in _TOTALS.items():
                project[total] += row[amount] * row["hours"]
        return list(projects.values())


def _row(server: Server, begun: datetime, now: datetime) -> Json:
    launched = server.launched_at or now
    seconds = ((server.terminated_at or now) - max(launched, begun)).total_seconds()
    return {
        "instance_id": server.id,
        "name": server.name,
        "tenant_id": server.project_id,
        "flavor": server.flavor.name,
        "vcpus": server.flavor.vcpus,
        "memory_mb": server.flavor.ram_mb,
        "local_gb": server.flavor.disk_gb,
        "hours": max(seconds, 0.0) / 3600.0,
        "uptime": int(max(seconds, 0.0)),
        "started_at": launched.isoformat()[:-6],
        "ended_at": server.terminated_at.isoformat()[:-6] if server.terminated_at else None,
        "state": "terminated" if server.terminated_at else server.vm_state,
    }
