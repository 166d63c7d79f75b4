"""Pod: one bottom OpenStack deployment, in one availability zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.model.capacity import Capacity, Catalogue, PodHealth
from chalicelib.model.resources import UNIT, Amounts, Fill, Totals, fullest
from chalicelib.model.window import Window


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


_Counted = tuple[tuple[int, float, float, float], ...]
_NEVER_REFRESHED = PodHealth()
_UNIT_ROW = tuple(UNIT)
_NOTHING_CLAIMED = Amounts()
NOTHING = 1e-300  # stands for a limit of zero: full with nothing taken, far over it with anything


def _counted(taken: Amounts, limits: Totals) -> _Counted:
    """Place in RESOURCES, what is taken, room and limit of what counts, ready for plain division."""
    return tuple(
        (place, float(amount or (0 if limit else NOTHING)), float(limit - amount), float(limit or NOTHING))
        for place, (amount, limit) in enumerate(zip(taken, limits, strict=True))
        if limit is not None
    )


SERVICES = ("compute", "placement", "image", "network", "volume")


@dataclass(frozen=True, slots=True)
class Pod:
    """The operator's record of a pod, joined with what it last reported and what was claimed since.

    ``pod_name`` is its Keystone region. ``az_name`` is the zone that tenants see, ``pod_az_name`` the
    zone's name inside the pod (empty: none is sent). An empty ``az_name`` means the top region, which
    takes no servers. ``endpoints`` maps a service to a URL where the catalogue's is not to be used.
    ``weight`` is 0..100, ``headroom`` and the watermarks are fractions. ``capacity`` is None when the
    pod never reported: it then counts as free. ``catalogue`` None: its flavors were never read.

    Worked out: ``limits``, ``reported_seconds`` (since the epoch), and two numbers that bound
    ``fraction_after`` from above: ``fullest_now + need_units * unit_share``.
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
    windows: tuple[Window, ...] = ()
    credential_ref: str = ""
    generation: int = 1
    capacity: Capacity | None = None
    claimed: Amounts = _NOTHING_CLAIMED
    catalogue: Catalogue | None = None
    health: PodHealth = _NEVER_REFRESHED
    min_microversion: str = ""
    max_microversion: str = ""
    limits: Totals = field(init=False, compare=False, default=Totals())
    reported_seconds: float = field(init=False, compare=False, repr=False, default=0.0)
    fullest_now: float = field(init=False, compare=False, repr=False, default=0.0)
    unit_share: float = field(init=False, compare=False, repr=False, default=0.0)
    _counted: _Counted = field(init=False, compare=False, repr=False, default=())

    def __post_init__(self) -> None:
        """Work out once what every decision asks for."""
        if self.capacity is None and self.max_instances is None:
            return
        if self.capacity is not None:
            object.__setattr__(self, "reported_seconds", self.capacity.reported_at.timestamp())
        object.__setattr__(self, "limits", self._limits())
        object.__setattr__(self, "_counted", _counted(self.taken, self.limits))
        object.__setattr__(self, "fullest_now", self.fraction_after((0.0,) * 4))
        shares = (_UNIT_ROW[place] / limit for place, _, _, limit in self._counted)
        object.__setattr__(self, "unit_share", max(shares, default=0.0))

    def _limits(self) -> Totals:
        totals = self.capacity.totals if self.capacity else Totals()
        disk_gb = None if self.disk is DiskKind.IGNORE else totals.disk_gb
        counted = Totals(totals.vcpus, totals.ram_mb, disk_gb, self.max_instances)
        return counted.less_headroom(self.headroom)

    @property
    def used(self) -> Amounts:
        """What the last report saw in use."""
        return self.capacity.used if self.capacity else Amounts()

    @property
    def taken(self) -> Amounts:
        """What is used, and what was claimed that the last report can't have seen."""
        return self.used + self.claimed

    @property
    def takes_new(self) -> bool:
        """Whether the operator lets anything new in."""
        return self.state is PodState.ENABLED

    def fill_after(self, need: Amounts) -> Fill | None:
        """The fullest resource once the need is taken, or None when nothing is counted."""
        return fullest(self.taken + need, self.limits)

    def fraction_after(self, need: Sequence[float]) -> float:
        """``fill_after`` as the bare fraction, 0.0 when nothing is counted; the need as RESOURCES go.

        Each create asks this of every pod, so it makes no objects. A quotient of whole numbers is
        rounded correctly: 90 of 100 is 0.9 exactly as one writes it.
        """
        worst = 0.0
        for place, taken, _, limit in self._counted:
            fraction = (taken + need[place]) / limit
            if fraction > worst:  # noqa: PLR1730 - max() costs twice as much
                worst = fraction
        return worst

    def free_share_after(self, need: Sequence[float]) -> float:
        """What is left of the scarcest resource, as a share of its limit; 1.0 when nothing is counted.

        Not ``1 - fraction_after``, which is off by a rounding at the very edge. Below 0.0 is too full.
        """
        least = 1.0
        for place, _, room, limit in self._counted:
            share = (room - need[place]) / limit
            if share < least:  # noqa: PLR1730 - as above
                least = share
        return least
