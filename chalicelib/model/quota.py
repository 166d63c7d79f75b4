"""Quota: how much of each resource a project may have, or one of its users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.model.amounts import Totals

UNLIMITED = -1
DEFAULT_CLASS = "default"  # the class whose limits hold for projects that have none of their own
# Nova's resources with Nova's defaults; those of networks are Neutron's by now, and limit nothing.
DEFAULTS: Mapping[str, int] = {
    "cores": 20,
    "fixed_ips": UNLIMITED,
    "floating_ips": UNLIMITED,
    "injected_file_content_bytes": 10240,
    "injected_file_path_bytes": 255,
    "injected_files": 5,
    "instances": 10,
    "key_pairs": 100,
    "metadata_items": 128,
    "ram": 51200,
    "security_group_rules": UNLIMITED,
    "security_groups": UNLIMITED,
    "server_group_members": 10,
    "server_groups": 10,
}
COUNTED = ("cores", "instances", "ram")  # what servers use of a quota


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has limits: a project, one user in a project, or a class of projects."""

    project_id: str = ""
    user_id: str = ""
    class_name: str = ""

    @property
    def holder_id(self) -> str:
        """One text for all three, since their balances are kept by it."""
        if self.class_name:
            return f"class#{self.class_name}"
        return f"{self.project_id}#{self.user_id}" if self.user_id else self.project_id


@dataclass(frozen=True, slots=True)
class QuotaSet:
    """The limits that an admin has written for a holder; empty when they were taken back.

    ``generation`` counts the writes; 0: nothing was ever written. ``set_in`` says which generation of them
    each pod was given, by its id.
    """

    holder: Holder
    limits: Mapping[str, int] = field(default_factory=dict)
    generation: int = 0
    set_in: Mapping[str, int] = field(default_factory=dict)

    def written(self, limits: Mapping[str, int]) -> QuotaSet:
        """The same holder's next limits."""
        return replace(self, limits=limits, generation=self.generation + 1)

    def missing_in(self, pod_id: str) -> bool:
        """Whether a pod hasn't got these limits yet."""
        return self.set_in.get(pod_id, 0) < self.generation


def servers_limits(limits: Mapping[str, int]) -> Totals:
    """The limits of what servers use; None where there is no limit."""
    cores, instances, ram = (limits[name] if limits[name] >= 0 else None for name in COUNTED)
    return Totals(vcpus=cores, ram_mb=ram, instances=instances)
