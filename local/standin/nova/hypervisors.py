"""Nova's hypervisors: a pod's hosts with their sizes and use."""

from __future__ import annotations

from local.standin.hosts import Host
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router


class HypervisorsApi:
    """All routes are for admins and services only."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-hypervisors", self.names)
        router.add("GET", "/os-hypervisors/detail", self.details)
        router.add("GET", "/os-hypervisors/statistics", self.statistics)
        router.add("GET", "/os-hypervisors/{hypervisor_id}", self.show)
        router.add("GET", "/os-hypervisors/{hypervisor_id}/uptime", self.uptime)
        router.add("GET", "/os-hypervisors/{pattern}/search", self.search)
        router.add("GET", "/os-hypervisors/{pattern}/servers", self.search)

    def names(self, call: NovaCall) -> Reply:
        call.needs_service("os-hypervisors:list")
        return Reply(200, {"hypervisors": [self._name(host, call) for host in self._asked(call)]})

    def details(self, call: NovaCall) -> Reply:
        call.needs_service("os-hypervisors:list-detail")
        return Reply(200, {"hypervisors": [self._write(host, call) for host in self._asked(call)]})

    def show(self, call: NovaCall) -> Reply:
        call.needs_service("os-hypervisors:show")
        return Reply(200, {"hypervisor": self._write(self._one(call), call)})

    def uptime(self, call: NovaCall) -> Reply:
        call.needs_service("os-hypervisors:uptime")
        return Reply(200, {"hypervisor": {**self._name(self._one(call), call), "uptime": _UPTIME}})

    def search(self, call: NovaCall) -> Reply:
        """Those whose names match, with their servers where the path says so; gone from 2.53 on."""
        call.needs_service("os-hypervisors:search")
        pattern = call.vars["pattern"]
        hosts = [host for host in self._state.hosts if pattern in host.name]
        if not hosts:
            raise Fault(404, f"No hypervisor matching '{pattern}' could be found.")
        rows = [self._name(host, call) for host in hosts]
        if call.request.path.endswith("/servers"):
            for row, host in zip(rows, hosts, strict=True):
                row.update({"servers": servers} if (servers := self._servers(host)) else {})
        return Reply(200, {"hypervisors": rows})

    def _one(self, call: NovaCall) -> Host:
        text = call.vars["hypervisor_id"]
        for number, host in enumerate(self._state.hosts, start=1):
            if text == (host.uuid if call.minor >= 53 else str(number)):
                return host
        raise Fault(404, f"Hypervisor with ID '{text}' could not be found.")

    def statistics(self, call: NovaCall) -> Reply:
        call.needs_service("os-hypervisors:statistics")
        if call.minor >= 88:
            raise Fault(404, "The resource could not be found.")
        bodies = [_sizes(host) for host in self._state.hosts if not host.disabled]
        totals: Json = {key: sum(body[key] for body in bodies) for key in _SUMMED}
        return Reply(200, {"hypervisor_statistics": {"count": len(bodies), **totals}})

    def _asked(self, call: NovaCall) -> list[Host]:
        """The hosts asked for. From 2.33 on there are pages, from 2.53 on a pattern for the name."""
        hosts = list(self._state.hosts)
        pattern = call.request.first("hypervisor_hostname_pattern")
        if call.minor >= 53 and pattern:
            hosts = [host for host in hosts if pattern in host.name]
            if not hosts:
                raise Fault(404, f"No hypervisor matching '{pattern}' could be found.")
        marker, limit = call.request.first("marker"), call.request.first("limit")
        if call.minor >= 33 and marker:
            known = [self._id(host, call) for host in hosts]
            if marker not in map(str, known):
                raise Fault(400, f"Marker {marker} could not be found.")
            hosts = hosts[[str(one) for one in known].index(marker) + 1 :]
        return hosts[: int(limit)] if call.minor >= 33 and limit else hosts

    def _id(self, host: Host, call: NovaCall) -> str | int:
        return host.uuid if call.minor >= 53 else list(self._state.hosts).index(host) + 1

    def _name(self, host: Host, call: NovaCall) -> Json:
        return {
            "id": self._id(host, call),
            "hypervisor_hostname": host.name,
            "state": "up" if host.up else "down",
            "status": "disabled" if host.disabled else "enabled",
        }

    def _write(self, host: Host, call: NovaCall) -> Json:
        service_id = host.service_uuid if call.minor >= 53 else list(self._state.hosts).index(host) + 1
        body: Json = {
            **self._name(host, call),
            "hypervisor_type": "QEMU",
            "hypervisor_version": 8002002,
            "host_ip": "127.0.0.1",
            "service": {"id": service_id, "host": host.name, "disabled_reason": host.disabled_reason},
        }
        if call.minor < 88:
            body.update(_sizes(host))
            body["cpu_info"] = {"arch": "x86_64"} if call.minor >= 28 else '{"arch": "x86_64"}'
        else:
            body["uptime"] = _UPTIME
        if call.minor >= 53 and (call.minor >= 75 or call.request.first("with_servers")):
            body["servers"] = self._servers(host)
        return body

    def _servers(self, host: Host) -> list[Json]:
        servers = [s for s in self._state.live_servers() if s.host == host.name]
        return [{"uuid": s.id, "name": f"instance-{s.sequence:08x}"} for s in servers]


_UPTIME = " 08:32:11 up 93 days, 18:25,  0 users,  load average: 0.20, 0.12, 0.14"
_SUMMED = (
    "vcpus",
    "vcpus_used",
    "memory_mb",
    "memory_mb_used",
    "free_ram_mb",
    "local_gb",
    "local_gb_used",
    "free_disk_gb",
    "disk_available_least",
    "running_vms",
    "current_workload",
)


def _sizes(host: Host) -> Json:
    """Sizes as the hypervisor reports them: physical, before any ratio."""
    used, size = host.used, host.size
    memory_used = used.ram_mb + size.reserved_ram_mb
    return {
        "vcpus": size.vcpus,
        "vcpus_used": used.vcpus,
        "memory_mb": size.ram_mb,
        "memory_mb_used": memory_used,
        "free_ram_mb": size.ram_mb - memory_used,
        "local_gb": size.disk_gb,
        "local_gb_used": used.disk_gb,
        "free_disk_gb": size.disk_gb - used.disk_gb,
        "disk_available_least": size.disk_gb - used.disk_gb,
        "running_vms": len(host.taken),
        "current_workload": 0,
    }
