"""Flavors: the sizes in which servers are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from local.standin.hosts import Amount
from local.standin.message import Json


@dataclass
class Flavor:
    """A flavor. A private one is seen only by admins and by the projects in ``access``."""

    id: str
    name: str
    vcpus: int
    ram_mb: int
    disk_gb: int
    ephemeral_gb: int = 0
    swap_mb: int = 0
    is_public: bool = True
    extra_specs: dict[str, str] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    description: str | None = None
    rxtx_factor: float = 1.0

    def seen_by(self, project_id: str | None) -> bool:
        """Whether the project may use it."""
        return self.is_public or project_id in self.access

    def need(self, from_volume: bool = False) -> Amount:
        """What a server of this flavor takes of a host; a root disk on a volume takes nothing there."""
        root_gb = 0 if from_volume else self.disk_gb
        disk_gb = root_gb + self.ephemeral_gb + -(-self.swap_mb // 1024)
        return Amount(
            int(self.extra_specs.get("resources:VCPU", self.vcpus)),
            int(self.extra_specs.get("resources:MEMORY_MB", self.ram_mb)),
            int(self.extra_specs.get("resources:DISK_GB", disk_gb)),
        )


def write_flavor(flavor: Flavor, links: list[Json], minor: int, with_extra_specs: bool = True) -> Json:
    """A flavor in full, at microversion 2.``minor``."""
    no_swap: str | int = "" if minor < 75 else 0
    body: Json = {
        "id": flavor.id,
        "name": flavor.name,
        "ram": flavor.ram_mb,
        "disk": flavor.disk_gb,
        "vcpus": flavor.vcpus,
        "swap": flavor.swap_mb or no_swap,
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral_gb,
        "OS-FLV-DISABLED:disabled": False,
        "os-flavor-access:is_public": flavor.is_public,
        "rxtx_factor": flavor.rxtx_factor,
        "links": links,
    }
    if minor >= 55:
        body["description"] = flavor.description
    if minor >= 61 and with_extra_specs:
        body["extra_specs"] = dict(flavor.extra_specs)
    return body


def write_embedded_flavor(flavor: Flavor) -> Json:
    """A flavor as it stands in a server's body, from 2.47 on."""
    return {
        "vcpus": flavor.vcpus,
        "ram": flavor.ram_mb,
        "disk": flavor.disk_gb,
        "ephemeral": flavor.ephemeral_gb,
        "swap": flavor.swap_mb,
        "original_name": flavor.name,
        "extra_specs": dict(flavor.extra_specs),
    }
