"""Capacity reader: observes what a pod has, what of it is used, and which flavors it offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.flavors import MICROVERSION as FLAVOR_MICROVERSION
from chalicelib.adapters.openstack.flavors import read_catalogue
from chalicelib.adapters.openstack.hypervisors import Host, read_hosts, read_sizes, servers_on
from chalicelib.adapters.openstack.placement import ask_candidates, full_hosts, read_candidates
from chalicelib.adapters.openstack.sdk import connected
from chalicelib.adapters.openstack.trusted import MOST, whole
from chalicelib.adapters.openstack.versions import compute_versions
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import HYPERVISORS, PLACEMENT, Capacity, CapacityReport, HostCapacity
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.microversion import Microversion
from chalicelib.model.pod import DiskMode, Pod
from chalicelib.model.pod_request import PodReply

if TYPE_CHECKING:
    from openstack.connection import Connection

# With these Placement says that this caller will never get it; it isn't just out of order.
_NO_PLACEMENT = (403, 404, 406)


class OpenStackCapacityReader:
    """Reads with openstacksdk, in four calls. Each further page and each private flavor takes one more, and
    each full host that no report held yet takes two.
    """

    def __init__(
        self,
        client: Sender,
        clock: Callable[[], datetime],
        deadline_seconds: float = 20.0,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """``deadline_seconds`` bounds one pod's whole report, by the clock ``seconds``."""
        self._client = client
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._seconds = seconds

    def read(self, pod: Pod) -> CapacityReport:
        """A report, dated before the first question, since what comes after that may not be in it.

        ``pod.capacity.hosts`` hold the last known sizes, which are needed for full hosts. Raises
        PodUnreachable, UntrustedReport, NoCredential, KeystoneUnavailable.
        """
        observed_at = self._clock()
        with connected(self._client, pod, self._deadline_seconds, self._seconds) as connection:
            lowest, highest = _versions(connection, pod)
            catalogue = read_catalogue(connection)
            hosts = read_hosts(connection, pod)
            source, sizes = _sizes(connection, pod, hosts, highest)
        capacity = _summed(pod, sizes, servers_on(hosts), observed_at)
        return CapacityReport(replace(capacity, source=source), catalogue, lowest, highest)


def _versions(connection: Connection, pod: Pod) -> tuple[str, str]:
    """The lowest and highest compute microversion. Raises UntrustedReport when the pod is too old."""
    answer = connection.compute.get("/")
    lowest, highest = compute_versions(pod, PodReply(answer.status_code, {}, answer.content))
    if Microversion.parse(highest) < Microversion.parse(FLAVOR_MICROVERSION):
        raise UntrustedReport(
            f"{pod.pod_name} speaks compute up to {highest}, but {FLAVOR_MICROVERSION} is needed"
        )
    return lowest, highest


def _sizes(
    connection: Connection, pod: Pod, hosts: Sequence[Host], highest: str
) -> tuple[str, list[HostCapacity]]:
    """Where the sizes are from (placement or hypervisors), and the size of each host that takes servers."""
    try:
        answer = ask_candidates(connection) if pod.endpoints.get(PLACEMENT) else None
    except PodUnreachable:
        # Without recorded ratios, Nova's sizes would be too small: better to keep the last report.
        if not pod.allocation_ratios:
            raise
        answer = None
    if answer is None or answer.status_code in _NO_PLACEMENT:
        return HYPERVISORS, read_sizes(connection, pod, highest)
    with_room = read_candidates(answer.json())
    taking = [host.host_id for host in hosts if host.takes_servers]
    roomy = [with_room[host_id] for host_id in taking if host_id in with_room]
    return PLACEMENT, roomy + full_hosts(connection, pod, (i for i in taking if i not in with_room))


def _summed(pod: Pod, hosts: Sequence[HostCapacity], servers: int, observed_at: datetime) -> Capacity:
    """The sums over a pod's hosts: zero without hosts. A resource that no host tells isn't counted (None)."""
    disks = [host.totals.disk_gb for host in hosts]
    totals = Totals(
        vcpus=_total(host.totals.vcpus for host in hosts),
        ram_mb=_total(host.totals.ram_mb for host in hosts),
        disk_gb=_disk(pod.disk, disks),
    )
    used = Amounts(
        vcpus=_bounded(host.used.vcpus for host in hosts),
        ram_mb=_bounded(host.used.ram_mb for host in hosts),
        disk_gb=_bounded(host.used.disk_gb for host in hosts),
        instances=servers,
    )
    return Capacity(totals, used, observed_at, hosts=tuple(hosts))


def _disk(kind: DiskMode, disks: Sequence[int | None]) -> int | None:
    if kind is DiskMode.IGNORE:
        return None
    if kind is DiskMode.SHARED:
        # Every host reports the whole pool as its total, and as used only its own part of it.
        return max((disk for disk in disks if disk is not None), default=None if disks else 0)
    return _total(disks)


def _total(amounts: Iterable[int | None]) -> int | None:
    listed = list(amounts)
    known = [amount for amount in listed if amount is not None]
    return _bounded(known) if known or not listed else None


def _bounded(amounts: Iterable[int]) -> int:
    return whole(sum(amounts), "the pod's sum", MOST)
