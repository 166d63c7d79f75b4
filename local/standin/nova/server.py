"""A server and the states that it goes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from local.standin.hosts import Amount
from local.standin.message import Json
from local.standin.nova.flavor import Flavor

# status -> (vm_state, power_state); power: 0 unknown, 1 running, 3 paused, 4 shut down
STATES: dict[str, tuple[str, int]] = {
    "BUILD": ("building", 0),
    "ACTIVE": ("active", 1),
    "SHUTOFF": ("stopped", 4),
    "PAUSED": ("paused", 3),
    "SUSPENDED": ("suspended", 4),
    "RESCUE": ("rescued", 1),
    "VERIFY_RESIZE": ("resized", 1),
    "SHELVED_OFFLOADED": ("shelved_offloaded", 4),
    "ERROR": ("error", 0),
    "DELETED": ("deleted", 0),
}


@dataclass
class Interface:
    """A server's port on the pod's network."""

    port_id: str
    network_id: str
    address: str
    mac: str


@dataclass
class Pending:
    """The status that a server gets at the moment ``at``."""

    at: datetime
    status: str


@dataclass
class Server:
    """A server; ``host`` is None if no host had room for it."""

    id: str
    name: str
    project_id: str
    user_id: str
    flavor: Flavor
    image_id: str | None
    created_at: datetime
    sequence: int  # order of creation within the pod
    reservation_id: str
    host: str | None = None
    status: str = "BUILD"
    task_state: str | None = "scheduling"
    pending: Pending | None = None
    updated_at: datetime | None = None
    launched_at: datetime | None = None
    terminated_at: datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    description: str | None = None
    locked: bool = False
    locked_reason: str | None = None
    key_name: str | None = None
    user_data: str | None = None
    config_drive: str = ""
    disk_config: str = "MANUAL"
    access_ipv4: str = ""
    access_ipv6: str = ""
    hostname: str | None = None
    security_groups: list[str] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    volumes: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    fault: Json | None = None
    from_volume: bool = False
    old_flavor: Flavor | None = None  # while a resize waits for its confirmation
    launch_index: int = 0
    asked_zone: str | None = None

    @property
    def vm_state(self) -> str:
        """Nova's vm_state, which decides which actions are allowed."""
        return STATES[self.status][0]

    @property
    def power_state(self) -> int:
        """What the hypervisor says: 0 unknown, 1 running, 3 paused, 4 shut down."""
        return STATES[self.status][1]

    @property
    def alive(self) -> bool:
        """Whether it isn't deleted."""
        return self.status != "DELETED"

    @property
    def need(self) -> Amount:
        """What the server takes of its host."""
        return self.flavor.need(self.from_volume)

    def heading_for(self, status: str, task_state: str | None, at: datetime) -> None:
        """Show ``task_state`` until ``at``, and then ``status``."""
        self.pending = Pending(at, status)
        self.task_state = task_state

    def settle(self, now: datetime) -> None:
        """Change to the pending status, if its moment has come."""
        if self.pending is None or now < self.pending.at:
            return
        if self.status == "BUILD" and self.pending.status == "ACTIVE":
            self.launched_at = self.pending.at
        self.status = self.pending.status
        self.updated_at = self.pending.at
        self.task_state = None
        self.pending = None
