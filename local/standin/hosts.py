"""Hosts of a pod: their sizes, what is taken of them, and which one has room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from local.standin.ids import named_uuid


@dataclass(frozen=True)
class Amount:
    """An amount of virtual CPUs, memory and disk, whether taken, free or asked for."""

    vcpus: int = 0
    ram_mb: int = 0
    disk_gb: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.vcpus + other.vcpus, self.ram_mb + other.ram_mb, self.disk_gb + other.disk_gb)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.vcpus - other.vcpus, self.ram_mb - other.ram_mb, self.disk_gb - other.disk_gb)

    def fits(self, room: Amount) -> bool:
        """Whether there is enough of each resource in ``room``."""
        return self.vcpus <= room.vcpus and self.ram_mb <= room.ram_mb and self.disk_gb <= room.disk_gb

    def by_class(self) -> dict[str, int]:
        """The amount by Placement's resource classes."""
        return {"VCPU": self.vcpus, "MEMORY_MB": self.ram_mb, "DISK_GB": self.disk_gb}


@dataclass(frozen=True)
class HostSize:
    """What a host has. Ratios over 1.0 oversubscribe; reserved memory is the host's own."""

    vcpus: int = 16
    ram_mb: int = 32768
    disk_gb: int = 500
    cpu_ratio: float = 1.0
    ram_ratio: float = 1.0
    disk_ratio: float = 1.0
    reserved_ram_mb: int = 0

    @property
    def capacity(self) -> Amount:
        """What can be given out, by Placement's own formula: (total - reserved) x ratio."""
        return Amount(
            int(self.vcpus * self.cpu_ratio),
            int((self.ram_mb - self.reserved_ram_mb) * self.ram_ratio),
            int(self.disk_gb * self.disk_ratio),
        )


@dataclass
class Host:
    """One compute node. ``squatted`` is room that no server takes: a test or the story took it."""

    name: str
    size: HostSize
    up: bool = True
    disabled: bool = False
    disabled_reason: str | None = None
    taken: dict[str, Amount] = field(default_factory=dict)  # by server id
    squatted: Amount = Amount()

    @property
    def uuid(self) -> str:
        """The host's id in Placement and in Nova's hypervisors."""
        return named_uuid(f"host:{self.name}")

    @property
    def service_uuid(self) -> str:
        """The id of the host's compute service in Nova."""
        return named_uuid(f"service:{self.name}")

    @property
    def used(self) -> Amount:
        """What servers take, and what is squatted."""
        return sum(self.taken.values(), self.squatted)

    @property
    def room(self) -> Amount:
        """What a new server may take."""
        return self.size.capacity - self.used

    def fill(self) -> None:
        """Take all the room that is left."""
        self.squatted = self.squatted + self.room

    def restore(self) -> None:
        """Give back all that is squatted."""
        self.squatted = Amount()


def first_with_room(hosts: Iterable[Host], need: Amount, only: str | None = None) -> Host | None:
    """The first host that is up, enabled and has the room; if ``only`` names a host, no other counts."""
    for host in hosts:
        if host.up and not host.disabled and only in (None, host.name) and need.fits(host.room):
            return host
    return None
