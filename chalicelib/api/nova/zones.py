"""Nova's availability zones: ours, never the pods' own."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply


def list_zones(call: Call) -> Reply:
    """The zones, each available when a pod of it takes new servers.

    Admins see no more in the details: a zone is made of pods here, so it names no hosts.
    """
    info = [
        {"zoneName": az_name, "zoneState": {"available": available}, "hosts": None}
        for az_name, available in wiring.services().roster.zones()
    ]
    return Reply(200, {"availabilityZoneInfo": info})
