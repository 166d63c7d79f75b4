"""Pod: one bottom OpenStack deployment, in one availability zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.model.amounts import Amounts, Fill, Totals, fullest
from chalicelib.model.capacity import Capacity, Catalogue, PodHealth
from chalicelib.model.entry import ENTRY, Entry, Kept, entry
from chalicelib.model.fields import mapping, nullable, number, one_of, text, texts, whole
from chalicelib.model.window import Window
from chalicelib.model.window_reader import MOST_WINDOWS, read_windows


class PodState(StrEnum):
    """What the operator wants of a pod.

    CORDONED takes nothing new and its bindings stay; DRAINING and DISABLED take nothing new and
    their bindings move.
    """

    ENABLED = "enabled"
    CORDONED = "cordoned"
    DRAINING = "draining"
    DISABLED = "disabled"


class DiskMode(StrEnum):
    """How a pod's disk is counted: local sums over hosts; shared is one pool that every host reports."""

    LOCAL = "local"
    SHARED = "shared"
    IGNORE = "ignore"


_Counted = tuple[tuple[int, float, float, float], ...]
_NEVER_REFRESHED = PodHealth()
_NOTHING_CLAIMED = Amounts()
NOTHING = 1e-300  # stands for a limit of zero: full with nothing taken, far over it with anything


def _counted(taken: Amounts, limits: Totals) -> _Counted:
    """Of each resource with a limit: its index in RESOURCES, what is taken, what is left, the limit."""
    return tuple(
        (index, float(amount or (0 if limit else NOTHING)), float(limit - amount), float(limit or NOTHING))
        for index, (amount, limit) in enumerate(zip(taken, limits, strict=True))
        if limit is not None
    )


SERVICES = ("compute", "placement", "image", "network", "volume")
_SIZES = ("vcpus", "ram_mb", "disk_gb")
# "az:host:node" asks Nova for a host, so a zone with a colon could never be asked for.
_NOT_IN_ZONES = "#/:"
NOVAS_ZONE = "nova"  # Nova's [DEFAULT]default_availability_zone


def _in_ticks(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


@dataclass(frozen=True, slots=True)
class Pod:
    """The operator's record of a pod, joined with what it last reported and what was claimed since.

    A field's entry says all that there is to say of it. The admin API, the stores, the snapshot, site
    files and the guide (docs/admin-api.md) are made from the entries, through ``model/pod_table.py``.

    ``capacity`` is None when the pod never reported: it then counts as free. ``catalogue`` None: its
    flavors were never read. ``address_generation`` is the write that last changed the pod's address, which
    is where and as whom it is asked: its region, its endpoints, its Keystone and its credential.

    A pod with a Keystone of its own knows our projects by other ids: ``pod_project_ids`` has the pod's id
    by ours, and ``project_credentials`` the name of the credential with which each project is served there.

    ``limits`` and ``reported_seconds`` (since 1970) are worked out from the other fields.
    """

    pod_id: str = field(metadata={ENTRY: Entry(None, "its id", Kept.IN_COLUMN)})
    pod_name: str = field(
        metadata={ENTRY: Entry(text(without="#/"), "the pod's Keystone region; unique", Kept.IN_COLUMN)}
    )
    az_name: str = entry(
        "",
        # A header names our zones, separated by commas.
        text(empty=True, without=_NOT_IN_ZONES + ",", ascii_only=True),
        "the zone that tenants see; empty is the top region, which takes no servers. No `#`, `/`, `:`, `,`",
    )
    pod_az_name: str = entry(
        "",
        text(empty=True, without=_NOT_IN_ZONES),
        "the zone's name inside the pod; empty: none is sent",
        Kept.COLD,
    )
    dc_name: str = entry("", text(empty=True), "where it stands; a remark", Kept.COLD)
    endpoints: Mapping[str, str] = entry(
        {},
        mapping(text(longest=2048), keys=SERVICES),
        f"{_in_ticks(SERVICES)} to URL; yours win over those of Keystone's service catalogue for the region",
        Kept.COLD,
    )
    state: PodState = entry(PodState.ENABLED, one_of(PodState), _in_ticks(PodState))
    state_reason: str = entry("", None, "why it isn't enabled, as was said with its state", Kept.COLD)
    affinity_tags: Mapping[str, str] = entry(
        {},
        mapping(text()),
        'such as `{"resource": "CAD Modeling"}`: takes only flavors that ask for it',
    )
    weight: float = entry(0.0, number(0, 100), "your preference, 0 to 100; higher wins", Kept.IN_COLUMN)
    headroom: float = entry(
        0.0, number(0, 1, below_high=True), "the share of capacity you hold back, 0.0 to below 1.0"
    )
    bind_watermark: float | None = entry(
        None,
        nullable(number(0, 1, above_low=True)),
        "how full it may get by new projects, above 0.0 to 1.0, below `keep_watermark`; null: the profile's",
    )
    keep_watermark: float | None = entry(
        None,
        nullable(number(0, 1, above_low=True)),
        "how full it may get by its own projects, above 0.0 to 1.0; null: the profile's",
    )
    max_instances: int | None = entry(
        None, nullable(whole()), "most servers it may have; null: they aren't counted"
    )
    disk: DiskMode = entry(
        DiskMode.LOCAL, one_of(DiskMode), "`local`; `shared` (every host reports one pool); `ignore`"
    )
    allocation_ratios: Mapping[str, float] = entry(
        {},
        mapping(number(0, 1000, above_low=True), keys=_SIZES),
        f"above 0 to 1000, by {_in_ticks(_SIZES)}; used where the pod has no Placement",
        Kept.COLD,
    )
    reserved: Mapping[str, int] = entry(
        {},
        mapping(whole(), keys=_SIZES),
        f"what tenants don't get, by {_in_ticks(_SIZES)}; used where the pod has no Placement",
        Kept.COLD,
    )
    allowed_project_ids: frozenset[str] = entry(
        frozenset(), texts, "who may use it; an empty list lets all in"
    )
    denied_project_ids: frozenset[str] = entry(frozenset(), texts, "who may not use it")
    windows: tuple[Window, ...] = entry(
        (), read_windows, f"maintenance told in advance (below); at most {MOST_WINDOWS}"
    )
    credential_ref: str = entry("", text(empty=True), "the name of its service credential", Kept.COLD)
    auth_url: str = entry(
        "",
        text(longest=2048, empty=True),
        "where its own Keystone is, ending in `/v3`; empty: it shares ours. With its own, each project "
        "needs a credential there (below)",
    )
    region_name: str = entry(
        "", text(empty=True), "its region in its own Keystone; empty: it is called `pod_name`", Kept.COLD
    )
    project_credentials: Mapping[str, str] = entry({}, kept=Kept.COLD)
    pod_project_ids: Mapping[str, str] = entry({})
    generation: int = entry(
        1, None, "counts its writes; a change names the one that it follows", Kept.IN_COLUMN
    )
    created_at: datetime = field(
        kw_only=True, metadata={ENTRY: Entry(None, "when it was registered", Kept.IN_COLUMN)}
    )
    proven: bool = entry(
        False,
        None,
        "whether it has answered since it was registered or its address (`pod_name`, `endpoints`, "
        "`credential_ref`, `auth_url`, `region_name`) changed; until then nobody is sent there",
    )
    address_generation: int = entry(1, kept=Kept.COLD)
    capacity: Capacity | None = entry(None, kept=Kept.IN_COLUMN, joined=True)
    claimed: Amounts = entry(_NOTHING_CLAIMED, kept=Kept.IN_COLUMN, joined=True)
    catalogue: Catalogue | None = entry(None, joined=True)
    health: PodHealth = entry(_NEVER_REFRESHED, kept=Kept.IN_COLUMN, joined=True)
    min_microversion: str = entry("", None, "the oldest that its Nova speaks, after a refresh", joined=True)
    max_microversion: str = entry("", None, "the newest that its Nova speaks, after a refresh", joined=True)
    limits: Totals = field(init=False, compare=False, default=Totals())
    reported_seconds: float = field(init=False, compare=False, repr=False, default=0.0)
    _counted: _Counted = field(init=False, compare=False, repr=False, default=())

    def __post_init__(self) -> None:
        """Work out once what every decision asks for."""
        if self.capacity is None and self.max_instances is None:
            return
        if self.capacity is not None:
            object.__setattr__(self, "reported_seconds", self.capacity.reported_at.timestamp())
        object.__setattr__(self, "limits", self._limits())
        object.__setattr__(self, "_counted", _counted(self.taken, self.limits))

    def _limits(self) -> Totals:
        totals = self.capacity.totals if self.capacity else Totals()
        disk_gb = None if self.disk is DiskMode.IGNORE else totals.disk_gb
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
    def zone_inside(self) -> str:
        """What its Nova calls the zone of its servers."""
        return self.pod_az_name or NOVAS_ZONE

    @property
    def takes_new(self) -> bool:
        """Whether the operator lets anything new in."""
        return self.state is PodState.ENABLED

    @property
    def address(self) -> tuple[str, Mapping[str, str], str, str]:
        """Where and as whom the pod is asked. When it changes, an earlier proof is worth nothing."""
        return self.region, self.endpoints, self.credential_ref, self.auth_url

    @property
    def region(self) -> str:
        """The name of its region in the Keystone that it uses."""
        return self.region_name or self.pod_name

    @property
    def is_hybrid(self) -> bool:
        """Whether it has a Keystone of its own, which knows none of our users, projects and tokens."""
        return bool(self.auth_url)

    def lets_in(self, project_id: str) -> bool:
        """Whether a project can be known there at all."""
        return not self.is_hybrid or project_id in self.pod_project_ids

    def is_proven_by(self, observed_generation: int) -> bool:
        """Whether a report of the pod, as its record was at that generation, is of its present address."""
        return observed_generation >= self.address_generation

    def fill_after(self, need: Amounts) -> Fill | None:
        """The fullest resource once the need is taken, or None when nothing is counted."""
        return fullest(self.taken + need, self.limits)

    def fraction_after(self, need: Sequence[float]) -> float:
        """How full the fullest resource is once the need is taken; 0.0 when nothing is counted.

        ``need`` is in the order of RESOURCES. Every create asks this of every pod, so it makes no
        objects, as ``fill_after`` does. A quotient of whole numbers is rounded correctly: 90 of 100 is
        the 0.9 that one writes.
        """
        worst = 0.0
        for index, taken, _, limit in self._counted:
            fraction = (taken + need[index]) / limit
            if fraction > worst:  # noqa: PLR1730 - max() costs twice as much
                worst = fraction
        return worst

    def free_share_after(self, need: Sequence[float]) -> float:
        """What is left of the scarcest resource, as a share of its limit; 1.0 when nothing is counted.

        It is below 0.0 when the need doesn't fit. ``1 - fraction_after`` would be off by a rounding
        where a limit is just reached.
        """
        least = 1.0
        for index, _, room, limit in self._counted:
            share = (room - need[index]) / limit
            if share < least:  # noqa: PLR1730 - as above
                least = share
        return least
