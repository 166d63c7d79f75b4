"""Hosts of all pods, up to microversion 2.42."""

from __future__ import annotations

from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import by_host, gather, shown
from chalicelib.service.kinds.all_pods import Wanted


def list_hosts(call: Call) -> Reply:
    """Each service with its host, or those in a zone as tenants know it."""
    zone = call.query.get("zone", ("",))[-1]
    found = gather(call, Wanted("hosts"), without=("zone",))
    rows = [row for row in found.rows("hosts") if zone in ("", row["zone"])]
    return shown({"hosts": rows}, found.partial)


def ask_host(call: Call) -> Reply:
    """Show, change, reboot, start or shut down a host: its pod does it."""
    return by_host(call, "host_name")
