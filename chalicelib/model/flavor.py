"""Flavor: the size of a server, and who may use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from chalicelib.model.affinity import tags_asked
from chalicelib.model.amounts import Amounts

_ID = re.compile(r"(?! )[\w. -]{1,255}(?<! )")  # Nova takes no id that this doesn't fit
_LEADS_ELSEWHERE = (".", "..", "detail")  # as the last segment of a path

# A longer number may be too large to count with; no pod has so much anyway.
MOST_DIGITS, MORE_THAN_ANY = 15, 10**15
_OVERRIDES = {"VCPU": "vcpus", "MEMORY_MB": "ram_mb", "DISK_GB": "disk_gb"}


Size = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Flavor:
    """A flavor as one pod offers it.

    ``root_gb`` and ``ephemeral_gb`` are GiB, ``swap_mb`` and ``ram_mb`` MiB. ``project_ids`` is None
    for a public flavor, else the projects with access.
    """

    flavor_id: str
    name: str
    vcpus: int
    ram_mb: int
    root_gb: int
    ephemeral_gb: int = 0
    swap_mb: int = 0
    extra_specs: Mapping[str, str] = field(default_factory=dict)
    project_ids: frozenset[str] | None = None

    @property
    def size(self) -> Size:
        """What must be equal in two pods for them to offer the same flavor."""
        return (self.vcpus, self.ram_mb, self.root_gb, self.ephemeral_gb, self.swap_mb)

    @property
    def affinity_tags(self) -> dict[str, str]:
        """The affinity tags its extra specs ask for."""
        return tags_asked(self.extra_specs)

    def offered_to(self, project_id: str) -> bool:
        """Whether a project may use it."""
        return self.project_ids is None or project_id in self.project_ids

    def need(self, boots_from_volume: bool = False) -> Amounts:
        """What one server of it takes (see docs/design.md, Limits).

        The root disk counts as zero when booting from a volume; ``resources:`` extra specs
        override; swap is rounded up to whole GiB, as Nova does.
        """
        root_gb = 0 if boots_from_volume else self.root_gb
        disk_gb = root_gb + self.ephemeral_gb + ceil(self.swap_mb / 1024)
        amounts = {"vcpus": self.vcpus, "ram_mb": self.ram_mb, "disk_gb": disk_gb}
        for resource_class, name in _OVERRIDES.items():
            override = self.extra_specs.get(f"resources:{resource_class}", "")
            if override.isdecimal():
                amounts[name] = int(override) if len(override) <= MOST_DIGITS else MORE_THAN_ANY
        return Amounts(**amounts, instances=1)


def may_be_asked_for(flavor_id: str) -> bool:
    """Whether a pod can be asked to show a flavor with this id."""
    return _ID.fullmatch(flavor_id) is not None and flavor_id not in _LEADS_ELSEWHERE


def written_size(size: Size) -> str:
    """A flavor's size in words."""
    vcpus, ram_mb, root_gb, ephemeral_gb, swap_mb = size
    disks = f"{root_gb}+{ephemeral_gb} GB" if ephemeral_gb else f"{root_gb} GB"
    swap = f", {swap_mb} MB swap" if swap_mb else ""
    return f"{vcpus} vcpus, {ram_mb} MB, {disks}{swap}"
