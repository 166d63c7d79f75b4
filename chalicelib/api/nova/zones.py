"""Nova's availability zones: ours, never the pods' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import gather, shown
from chalicelib.model.operator_rows import INTERNAL
from chalicelib.service.kinds.all_pods import Wanted


def list_zones(call: Call) -> Reply:
    """The zones, each available when one of its pods takes new servers."""
    info = [_zone(az_name, available, None) for az_name, available in wiring.services().roster.zones()]
    return Reply(200, {"availabilityZoneInfo": info})


def list_zones_with_hosts(call: Call) -> Reply:
    """For operators: ``internal``, and the zones with the hosts of their pods and these hosts' services."""
    found = gather(call, Wanted("availabilityZoneInfo"))
    hosts: dict[str, dict[str, Any]] = {}
    for pod, told in found.told:
        for zone in told["availabilityZoneInfo"]:
            name = INTERNAL if zone["zoneName"] == INTERNAL else pod.az_name
            hosts.setdefault(name, {}).update(zone["hosts"] or {})
    zones = [(INTERNAL, True)] if INTERNAL in hosts else []
    zones += wiring.services().roster.zones()
    info = [_zone(name, available, hosts.get(name, {})) for name, available in zones]
    return shown({"availabilityZoneInfo": info}, found.partial)


def _zone(name: str, available: bool, hosts: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {"zoneName": name, "zoneState": {"available": available}, "hosts": hosts}
