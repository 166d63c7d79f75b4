"""Nova's availability zones: ours, never the pods' own."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.nova.routes import compute
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role


@compute.route("GET", "/os-availability-zone", role=Role.READER, kind=Kind.OWN)
def list_zones(call: Call) -> Reply:
    """The zones, each available when a pod of it takes new servers."""
    return _zones()


@compute.route("GET", "/os-availability-zone/detail", role=Role.ADMIN, kind=Kind.OWN)
def list_zones_with_details(call: Call) -> Reply:
    """The same for admins: a zone is made of pods here, so it names no hosts."""
    return _zones()


def _zones() -> Reply:
    info = [
        {"zoneName": az_name, "zoneState": {"available": available}, "hosts": None}
        for az_name, available in wiring.services().roster.zones()
    ]
    return Reply(200, {"availabilityZoneInfo": info})
