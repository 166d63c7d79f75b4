"""Nova's services: one nova-compute for each host, nova-scheduler and nova-conductor."""

from __future__ import annotations

from local.standin.clock import precise_time
from local.standin.hosts import Host
from local.standin.ids import named_uuid
from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router


class ServicesApi:
    """Admins and services may list them; admins may enable and disable them."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-services", self.services)
        router.add("PUT", "/os-services/{service_id}", self.update)
        router.add("DELETE", "/os-services/{service_id}", self.delete)

    def services(self, call: NovaCall) -> Reply:
        call.needs_service("os-services:list")
        everything = [self._controller(binary, call) for binary in ("nova-scheduler", "nova-conductor")]
        everything += [self._compute(host, call) for host in self._state.hosts]
        for key in ("binary", "host"):
            wanted = call.request.first(key)
            everything = [service for service in everything if wanted in (None, service[key])]
        return Reply(200, {"services": everything})

    def update(self, call: NovaCall) -> Reply:
        """Enable, disable or force down a compute service."""
        call.needs_admin("os-services:update")
        asked = call.request.json()
        if call.minor < 53:
            return self._update_by_host(call, asked)
        host = self._named(call, "Service {} could not be found.")
        if "status" in asked:
            host.disabled = asked["status"] == "disabled"
            host.disabled_reason = asked.get("disabled_reason") if host.disabled else None
        if "forced_down" in asked:
            host.up = not asked["forced_down"]
        return Reply(200, {"service": self._compute(host, call)})

    def _update_by_host(self, call: NovaCall, asked: Json) -> Reply:
        """Up to 2.52 the body names the host, and the path says what to do."""
        verb, host = call.vars["service_id"], self._state.host_named(asked.get("host"))
        if verb not in ("enable", "disable", "disable-log-reason", "force-down"):
            raise Fault(404, "Unknown action")
        if host is None:
            raise Fault(404, f"Host '{asked.get('host')}' is not mapped to any cell")
        told: Json = {"host": host.name, "binary": asked["binary"]}
        if verb == "force-down":
            host.up = not asked["forced_down"]
            return Reply(200, {"service": {**told, "forced_down": asked["forced_down"]}})
        host.disabled, host.disabled_reason = verb != "enable", asked.get("disabled_reason")
        reason = {"disabled_reason": host.disabled_reason} if host.disabled_reason else {}
        status = "disabled" if host.disabled else "enabled"
        return Reply(200, {"service": {**told, "status": status, **reason}})

    def delete(self, call: NovaCall) -> Reply:
        """Nothing goes away here: a service that hosts servers may not be deleted, and others come back."""
        call.needs_admin("os-services:delete")
        if self._named(call, "Service {} not found.").taken:
            raise Fault(409, "Unable to delete compute service that is hosting instances.")
        return Reply(204)

    def _named(self, call: NovaCall, unknown: str) -> Host:
        text = call.vars["service_id"]
        for number, host in enumerate(self._state.hosts, start=3):
            if text == (host.service_uuid if call.minor >= 53 else str(number)):
                return host
        raise Fault(404, unknown.format(text))

    def _compute(self, host: Host, call: NovaCall) -> Json:
        number: str | int = host.service_uuid
        if call.minor < 53:
            number = list(self._state.hosts).index(host) + 3
        return {
            **self._common(call),
            "id": number,
            "binary": "nova-compute",
            "host": host.name,
            "zone": self._state.zone,
            "status": "disabled" if host.disabled else "enabled",
            "state": "up" if host.up else "down",
            "disabled_reason": host.disabled_reason,
        }

    def _controller(self, binary: str, call: NovaCall) -> Json:
        number: str | int = named_uuid(f"{binary}:controller")
        if call.minor < 53:
            number = 1 if binary == "nova-scheduler" else 2
        return {
            **self._common(call),
            "id": number,
            "binary": binary,
            "host": "controller",
            "zone": "internal",
            "status": "enabled",
            "state": "up",
            "disabled_reason": None,
        }

    def _common(self, call: NovaCall) -> Json:
        common: Json = {"updated_at": precise_time(self._state.clock.now())}
        if call.minor >= 11:
            common["forced_down"] = False
        return common
