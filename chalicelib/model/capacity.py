"""Capacity: what a pod last reported about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.flavor import Flavor

Catalogue = Mapping[str, Flavor]
PLACEMENT, HYPERVISORS = "placement", "hypervisors"  # where a report's figures come from


@dataclass(frozen=True, slots=True)
class HostCapacity:
    """A host's last known totals, by which it still counts when it is full and Placement leaves it out."""

    host_id: str
    totals: Totals
    used: Amounts


@dataclass(frozen=True, slots=True)
class Capacity:
    """A pod's sums over its hosts, observed at ``reported_at`` (aware UTC).

    ``source`` is PLACEMENT or HYPERVISORS (the fall-back).
    """

    totals: Totals
    used: Amounts
    reported_at: datetime
    source: str = PLACEMENT
    hosts: tuple[HostCapacity, ...] = ()


@dataclass(frozen=True, slots=True)
class CapacityReport:
    """All that one refresh learns of a pod, whose record was at ``generation`` when it was asked."""

    capacity: Capacity
    catalogue: Catalogue = field(default_factory=dict)
    min_microversion: str = ""
    max_microversion: str = ""
    generation: int = 1


UNDER_WAY = "is being refreshed at this moment"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How one pod fared in a refresh; ``error`` is empty when its report was kept.

    It ends with ``UNDER_WAY`` where another refresh was asking the pod, so that this one didn't.
    """

    pod_id: str
    pod_name: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class PodHealth:
    """How the last refreshes of a pod went.

    ``refreshed_at`` is the last one that succeeded, ``error`` what went wrong in the last one.
    ``unreachable_since`` is the first and ``unreachable_at`` the last in a row that found the pod out of
    reach; both are None for a pod that answers. A refresh that failed before it asked the pod moves neither,
    since it proves nothing.
    """

    refreshed_at: datetime | None = None
    unreachable_since: datetime | None = None
    error: str = ""
    unreachable_at: datetime | None = None
