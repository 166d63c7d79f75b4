"""Destination: a host that an admin names for a server, as ``az:host:node`` or by the server's keys."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.model import pod_host
from chalicelib.model.errors import InvalidField
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.snapshot import Snapshot

HOST_KEYS = ("host", "hypervisor_hostname")  # of a server in a create, from 2.74 on


def check_hosts(
    order: ServerOrder, pins: Mapping[str, frozenset[str]], zone: str | None, snapshot: Snapshot
) -> None:
    """Raise InvalidField for a host that no pod has, or that several have where the server may go.

    Nova finds no host for a forced one that it doesn't know, which would count against an innocent pod.
    """
    for each in order.hosts:
        if str(each) not in pins:
            raise InvalidField("host", f"Compute host {each.resource_id} could not be found.")
        pods = [snapshot[place] for place in snapshot.places_of(pins[str(each)])]
        zones = sorted({pod.az_name for pod in pods if zone in (None, pod.az_name)})
        if len(zones) > 1:
            told = (
                f"There is a {each} in each of the availability zones {', '.join(zones)}; name one of them."
            )
            raise InvalidField("availability_zone", told)
        if zones and sum(pod.az_name in zones for pod in pods) > 1:
            told = (
                f"Several hosts in {zones[0]} are called {each.resource_id}; write it as lists of hosts do."
            )
            raise InvalidField("host", told)


def inside(order: ServerOrder) -> Mapping[str, str]:
    """The keys of the server by which a pod's Nova gets its own names of the hosts."""
    named = {key: order.body["server"].get(key) for key in HOST_KEYS}
    return {key: pod_host.read(name)[1] for key, name in named.items() if isinstance(name, str)}


def host_in_zone(order: ServerOrder) -> str:
    """What follows the zone (``host``, ``host:node``) in the pod's own names; empty where nothing does."""
    return ":".join(pod_host.read(part)[1] for part in order.host.split(":"))
