"""Hosts of a pod: what they have, what is taken, and the scheduler that fills them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from local.standin.ids import named_uuid


@dataclass(frozen=True)
class Amount:
    """Virtual CPUs, memory and disk: taken, free or asked for."""

    vcpus: int = 0
    ram_mb: int = 0
    disk_gb: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.vcpus + other.vcpus, self.ram_mb + other.ram_mb, self.disk_gb + other.disk_gb)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.vcpus - other.vcpus, self.ram_mb - other.ram_mb, self.disk_gb - other.disk_gb)

    def fits(self, room: Amount) -> bool:
        """Whether each part is there in ``room``."""
        return self.vcpus <= room.vcpus and self.ram_mb <= room.ram_mb and self.disk_gb <= room.disk_gb

    def by_class(self) -> dict[str, int]:
        """In Placement's resource classes."""
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
        """Usable, by Placement's own formula."""
        return Amount(
            int(self.vcpus * self.cpu_ratio),
            int((self.ram_mb - self.reserved_ram_mb) * self.ram_ratio),
            int(self.disk_gb * self.disk_ratio),
        )


@dataclass
class Host:
    """One compute node. ``squatted`` is room taken by a script and by no server."""

    name: str
    size: HostSize
    up: bool = True
    disabled: bool = False
    disabled_reason: str | None = None
    taken: dict[str, Amount] = field(default_factory=dict)  # by server id
    squatted: Amount = Amount()

    @property
    def uuid(self) -> str:
        """Its id in Placement, and as a hypervisor."""
        return named_uuid(f"host:{self.name}")

    @property
    def service_uuid(self) -> str:
        """Its compute service's id."""
        return named_uuid(f"service:{self.name}")

    @property
    def used(self) -> Amount:
        """What its servers and a script take."""
        return sum(self.taken.values(), self.squatted)

    @property
    def room(self) -> Amount:
        """What is left."""
        return self.size.capacity - self.used

    def fill(self) -> None:
        """Take all the room that is left."""
        self.squatted = self.squatted + self.room

    def restore(self) -> None:
        """Give back what ``fill`` took."""
        self.squatted = Amount()


def first_with_room(hosts: Iterable[Host], need: Amount, only: str | None = None) -> Host | None:
    """The first host that is up, enabled, the one named by ``only`` if any, and has the room."""
    for host in hosts:
        if host.up and not host.disabled and only in (None, host.name) and need.fits(host.room):
            return host
    return None
