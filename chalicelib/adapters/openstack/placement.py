"""Placement: what the hosts of a pod have and use, full hosts too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.openstack.client import segment
from chalicelib.adapters.openstack.sdk import each
from chalicelib.adapters.openstack.trusted import MOST, MOST_VCPUS, mapping, ratio, text, whole
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import HostCapacity
from chalicelib.model.pod import DiskMode, Pod

if TYPE_CHECKING:
    import requests
    from openstack.connection import Connection

MICROVERSION = "1.29"  # the first that shows all providers of a host in the answer
CANDIDATES = "/allocation_candidates?resources=MEMORY_MB:1&required=!COMPUTE_STATUS_DISABLED"
_CLASSES = (("VCPU", MOST_VCPUS), ("MEMORY_MB", MOST), ("DISK_GB", MOST))


def ask_candidates(connection: Connection) -> requests.Response:
    """Ask for every host with a free MiB of RAM; the answer has its capacity and use of all resource classes.

    The SDK's own listing isn't used, since it drops a host's providers from which a candidate takes nothing.
    """
    return connection.placement.get(CANDIDATES, microversion=MICROVERSION)


def read_candidates(answer: Mapping[str, Any]) -> dict[str, HostCapacity]:
    """The hosts of an answer by their ids. A host is a tree of providers; its id is that of the root."""
    totals: dict[str, dict[str, int]] = {}
    used: dict[str, dict[str, int]] = {}
    for provider_id, summary in mapping(answer.get("provider_summaries"), "provider_summaries").items():
        provider = mapping(summary, "a provider")
        root = text(provider.get("root_provider_uuid") or provider_id, "a provider's root")
        resources = mapping(provider.get("resources"), "a provider's resources")
        for name, most in _CLASSES:
            if name in resources:
                numbers = mapping(resources[name], name)
                _add(totals, root, name, whole(numbers.get("capacity"), f"{name} capacity", most))
                _add(used, root, name, whole(numbers.get("used"), f"{name} used", most))
    return {root: _host(root, totals[root], used[root]) for root in totals}


def full_hosts(connection: Connection, pod: Pod, host_ids: Iterable[str]) -> list[HostCapacity]:
    """Hosts that take servers but aren't in Placement's answer. They count as full, of their last known size.

    For a host that no report held yet, Placement is asked for its inventory; from then on a report holds it.
    """
    known = {host.host_id: host for host in pod.capacity.hosts} if pod.capacity else {}
    ids = list(host_ids)
    asked = each(lambda host_id: _inventory(connection, host_id), (i for i in ids if i not in known))
    known.update({host.host_id: host for host in asked if host is not None})
    return [_filled(known[host_id], pod) for host_id in ids if host_id in known]


def _filled(host: HostCapacity, pod: Pod) -> HostCapacity:
    """The host with nothing free, but for a shared disk, which isn't full because one host is."""
    totals = host.totals
    shared = pod.disk is DiskMode.SHARED
    disk_gb = host.used.disk_gb if shared else totals.disk_gb or 0
    return HostCapacity(host.host_id, totals, Amounts(totals.vcpus or 0, totals.ram_mb or 0, disk_gb))


def _inventory(connection: Connection, host_id: str) -> HostCapacity | None:
    """A host's own capacity and use; None when Placement doesn't know the host, which then just started."""
    path = f"/resource_providers/{segment(host_id)}"
    answer = connection.placement.get(f"{path}/inventories", microversion=MICROVERSION)
    if answer.status_code == 404:
        return None
    inventories = mapping(answer.json().get("inventories"), "inventories")
    answer = connection.placement.get(f"{path}/usages", microversion=MICROVERSION)
    usages = mapping(answer.json().get("usages"), "usages")
    totals: dict[str, int] = {}
    used: dict[str, int] = {}
    for name, most in _CLASSES:
        if name in inventories:
            totals[name] = _usable(mapping(inventories[name], name), name, most)
            used[name] = whole(usages.get(name, 0), f"{name} used", most)
    return _host(host_id, totals, used)


def _usable(inventory: Mapping[str, Any], name: str, most: int) -> int:
    total = whole(inventory.get("total"), f"{name} total", most)
    reserved = whole(inventory.get("reserved", 0), f"{name} reserved", most)
    factor = ratio(inventory.get("allocation_ratio", 1.0), f"{name} allocation_ratio")
    return int(max(0, total - reserved) * factor)


def _add(sums: dict[str, dict[str, int]], root: str, name: str, amount: int) -> None:
    host = sums.setdefault(root, {})
    host[name] = host.get(name, 0) + amount


def _host(host_id: str, totals: Mapping[str, int], used: Mapping[str, int]) -> HostCapacity:
    vcpus, ram_mb, disk_gb = (totals.get(name) for name, _ in _CLASSES)
    amounts = Amounts(*(used.get(name, 0) for name, _ in _CLASSES))
    return HostCapacity(host_id, Totals(vcpus, ram_mb, disk_gb), amounts)
