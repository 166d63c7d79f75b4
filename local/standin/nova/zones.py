"""Nova's availability zones, and its extensions, of which none are listed here."""

from __future__ import annotations

from local.standin.clock import precise_time
from local.standin.message import Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router


class ZonesApi:
    """A pod has one zone for servers, and ``internal`` as in every Nova."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/os-availability-zone", self.zones)
        router.add("GET", "/os-availability-zone/detail", self.details)
        router.add("GET", "/extensions", self.extensions)

    def zones(self, call: NovaCall) -> Reply:
        return Reply(200, {"availabilityZoneInfo": [self._zone(None)]})

    def details(self, call: NovaCall) -> Reply:
        call.needs_admin("os-availability-zone:detail")
        now = precise_time(self._state.clock.now())
        hosts = {
            host.name: {
                "nova-compute": {"active": not host.disabled, "available": host.up, "updated_at": now}
            }
            for host in self._state.hosts
        }
        controller = {"active": True, "available": True, "updated_at": now}
        internal: Json = {
            "zoneName": "internal",
            "zoneState": {"available": True},
            "hosts": {"controller": {"nova-conductor": controller, "nova-scheduler": controller}},
        }
        return Reply(200, {"availabilityZoneInfo": [internal, self._zone(hosts)]})

    def _zone(self, hosts: Json | None) -> Json:
        available = any(host.up and not host.disabled for host in self._state.hosts)
        return {"zoneName": self._state.zone, "zoneState": {"available": available}, "hosts": hosts}

    def extensions(self, call: NovaCall) -> Reply:
        return Reply(200, {"extensions": []})
