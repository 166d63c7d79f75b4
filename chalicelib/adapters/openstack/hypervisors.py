"""Hypervisors: Nova's hosts and their state, and their sizes where Placement can't tell those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.openstack.sdk import listed
from chalicelib.adapters.openstack.trusted import MOST, MOST_VCPUS, rows, text, whole
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import HostCapacity
from chalicelib.model.microversion import Microversion
from chalicelib.model.pod import Pod

if TYPE_CHECKING:
    from openstack.connection import Connection

STATE_MICROVERSION = "2.53"  # ids are Placement's from here on
SIZES_MICROVERSION = "2.87"  # the last that tells sizes


@dataclass(frozen=True, slots=True)
class Host:
    """A compute host. It ``takes_servers`` if it is up and enabled; ``servers`` is how many are on it."""

    host_id: str
    takes_servers: bool
    servers: int


def read_hosts(connection: Connection, pod: Pod) -> list[Host]:
    """All hosts, in one call for each page. Servers are counted only where the operator limits instances."""
    query = {} if pod.max_instances is None else {"with_servers": "true"}
    return [_host(row) for row in _rows(connection, STATE_MICROVERSION, **query)]


def read_sizes(connection: Connection, pod: Pod, highest_microversion: str) -> list[HostCapacity]:
    """What each host that takes servers has and uses, by the ratios and reserved amounts of the pod's record.

    Nova shows sizes without ratios, and counts what is reserved as used. Both are corrected here.
    """
    microversion = min(highest_microversion, SIZES_MICROVERSION, key=Microversion.parse)
    return [
        _sized(row, pod) for row in _rows(connection, microversion, "/detail") if _host(row).takes_servers
    ]


def _rows(
    connection: Connection, microversion: str, which: str = "", **query: str
) -> Iterator[Mapping[str, Any]]:
    from openstack.compute.v2.hypervisor import Hypervisor

    path = f"/os-hypervisors{which}"
    return listed(Hypervisor, connection.compute, base_path=path, microversion=microversion, **query)


def servers_on(hosts: Iterable[Host]) -> int:
    """The number of servers on all hosts, also on those that are down."""
    return sum(host.servers for host in hosts)


def _host(row: Mapping[str, Any]) -> Host:
    takes_servers = row.get("state") == "up" and row.get("status") == "enabled"
    servers = rows(row.get("servers") or [], "servers")
    return Host(text(row.get("id"), "hypervisor id"), takes_servers, len(servers))


def _sized(row: Mapping[str, Any], pod: Pod) -> HostCapacity:
    vcpus, vcpus_used = _usable(row, "vcpus", MOST_VCPUS, pod, "vcpus")
    ram_mb, ram_used = _usable(row, "memory_mb", MOST, pod, "ram_mb")
    disk_gb, disk_used = _usable(row, "local_gb", MOST, pod, "disk_gb")
    used = Amounts(vcpus_used, ram_used, disk_used)
    return HostCapacity(text(row.get("id"), "hypervisor id"), Totals(vcpus, ram_mb, disk_gb), used)


def _usable(row: Mapping[str, Any], key: str, most: int, pod: Pod, resource: str) -> tuple[int, int]:
    total = whole(row.get(key), key, most)
    used = whole(row.get(f"{key}_used"), f"{key}_used", most)
    reserved = pod.reserved.get(resource, 0)
    usable = int(max(0, total - reserved) * pod.allocation_ratios.get(resource, 1.0))
    return usable, max(0, used - reserved)
