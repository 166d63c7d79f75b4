"""Pod: one bottom OpenStack deployment, in one availability zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.model.capacity import Capacity, Catalogue, PodHealth
from chalicelib.model.resources import Amounts, Fill, Totals, fullest


class PodState(StrEnum):
    """What the operator wants of a pod (DESIGN 8).

    CORDONED takes nothing new and its bindings stay; DRAINING and DISABLED take nothing new and
    their bindings move.
    """

    ENABLED = "enabled"
    CORDONED = "cordoned"
    DRAINING = "draining"
    DISABLED = "disabled"


class DiskKind(StrEnum):
    """How a pod's disk is counted: local sums over hosts; shared is one pool that every host reports."""

    LOCAL = "local"
    SHARED = "shared"
    IGNORE = "ignore"


SERVICES = ("compute", "placement", "image", "network", "volume")


@dataclass(frozen=True, slots=True)
class Pod:
    """The operator's record of a pod, joined with what it last reported.

    ``pod_name`` is its Keystone region. ``az_name`` is the zone that tenants see, ``pod_az_name`` the
    zone's name inside the pod (empty: none is sent). An empty ``az_name`` means the top region, which
    takes no servers. ``endpoints`` maps a service to a URL where the catalogue's is not to be used.
    ``weight`` is 0..100, ``headroom`` and the watermarks are fractions. ``capacity`` is None when the
    pod never reported: it then counts as free. ``catalogue`` None: its flavors were never read.
    """

    pod_id: str
    pod_name: str
    az_name: str
    created_at: datetime
    pod_az_name: str = ""
    dc_name: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    state: PodState = PodState.ENABLED
    affinity_tags: Mapping[str, str] = field(default_factory=dict)
    weight: float = 0.0
    headroom: float = 0.0
    bind_watermark: float | None = None
    keep_watermark: float | None = None
    max_instances: int | None = None
    disk: DiskKind = DiskKind.LOCAL
    allocation_ratios: Mapping[str, float] = field(default_factory=dict)
    reserved: Mapping[str, int] = field(default_factory=dict)
    allowed_project_ids: frozenset[str] = frozenset()
    denied_project_ids: frozenset[str] = frozenset()
    credential_ref: str = ""
    generation: int = 1
    capacity: Capacity | None = None
    catalogue: Catalogue | None = None
    health: PodHealth = PodHealth()
    min_microversion: str = ""
    max_microversion: str = ""
    limits: Totals = field(init=False, compare=False, default=Totals())

    def __post_init__(self) -> None:
        """Work out the limits once: every decision asks for them."""
        object.__setattr__(self, "limits", self._limits())

    def _limits(self) -> Totals:
        totals = self.capacity.totals if self.capacity else Totals()
        disk_gb = None if self.disk is DiskKind.IGNORE else totals.disk_gb
        counted = Totals(totals.vcpus, totals.ram_mb, disk_gb, self.max_instances)
        return counted.less_headroom(self.headroom)

    @property
    def used(self) -> Amounts:
        """What the last report saw in use."""
        return self.capacity.used if self.capacity else Amounts()

    def fill_after(self, need: Amounts) -> Fill | None:
        """The fullest resource once the need is taken, or None when nothing is counted."""
        used = self.used
        taken = Amounts(*(u + n for u, n in zip(used, need, strict=True)))
        return fullest(taken, self.limits)
