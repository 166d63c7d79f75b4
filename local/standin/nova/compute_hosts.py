"""Nova's hosts, which it shows up to microversion 2.42."""

from __future__ import annotations

from local.standin.hosts import Amount, Host
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router


class ComputeHostsApi:
    """All routes are for admins only."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-hosts", self.list)
        router.add("GET", "/os-hosts/{host_name}", self.show)
        router.add("PUT", "/os-hosts/{host_name}", self.update)
        for verb in ("reboot", "shutdown", "startup"):
            router.add("GET", f"/os-hosts/{{host_name}}/{verb}", self.power)

    def list(self, call: NovaCall) -> Reply:
        _check(call, "list")
        rows = [_row("controller", service, "internal") for service in ("conductor", "scheduler")]
        rows += [_row(host.name, "compute", self._state.zone) for host in self._state.hosts]
        zone = call.request.first("zone")
        return Reply(200, {"hosts": [row for row in rows if zone in (None, "", row["zone"])]})

    def show(self, call: NovaCall) -> Reply:
        _check(call, "show")
        host = self._named(call)
        amounts = {"(total)": host.size.capacity, "(used_now)": host.used, "(used_max)": host.used}
        return Reply(200, {"host": [_resource(host, project, amount) for project, amount in amounts.items()]})

    def update(self, call: NovaCall) -> Reply:
        _check(call, "update")
        host, asked = self._named(call), call.request.json()
        if asked.get("status") not in ("enable", "disable"):
            raise Fault(400, "Invalid input for field/attribute status.")
        host.disabled = asked["status"] == "disable"
        return Reply(200, {"host": host.name, "status": f"{asked['status']}d"})

    def power(self, call: NovaCall) -> Reply:
        _check(call, "reboot")
        return Reply(
            200, {"host": self._named(call).name, "power_action": call.request.path.rpartition("/")[2]}
        )

    def _named(self, call: NovaCall) -> Host:
        host = self._state.host_named(call.vars["host_name"])
        if host is None:
            raise Fault(404, f"Host '{call.vars['host_name']}' is not mapped to any cell")
        return host


def _check(call: NovaCall, verb: str) -> None:
    if call.minor > 42:
        raise Fault(404, "The resource could not be found.")
    call.needs_admin(f"os-hosts:{verb}")


def _row(host_name: str, service: str, zone: str) -> Json:
    return {"host_name": host_name, "service": service, "zone": zone}


def _resource(host: Host, project: str, amount: Amount) -> Json:
    sizes = {"cpu": amount.vcpus, "memory_mb": amount.ram_mb, "disk_gb": amount.disk_gb}
    return {"resource": {"host": host.name, "project": project, **sizes}}
