"""Nova's availability zones: ours, never the pods' own."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply


def list_zones(call: Call) -> Reply:
    """The zones, each available when one of its pods takes new servers.

    The details show admins nothing more: zones are made of pods here, so they have no hosts to name.
    """
    info = [
        {"zoneName": az_name, "zoneState": {"available": available}, "hosts": None}
        for az_name, available in wiring.services().roster.zones()
    ]
    return Reply(200, {"availabilityZoneInfo": info})
