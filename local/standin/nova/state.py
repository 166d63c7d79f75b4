"""What a pod's Nova knows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from local.standin.clock import Clock, api_time
from local.standin.hosts import Host
from local.standin.ids import IdSource
from local.standin.images import ImageShelf
from local.standin.message import Fault, Json
from local.standin.network import Network
from local.standin.nova.flavor import Flavor
from local.standin.nova.server import Server


@dataclass
class Quota:
    """What one project may have in this pod."""

    instances: int = 1000
    cores: int = 4000
    ram_mb: int = 8_000_000


@dataclass
class NovaState:
    """All of it is guarded by ``lock``; ``build_seconds`` is a build's time, ``action_seconds`` a stop's."""

    clock: Clock
    ids: IdSource
    hosts: Sequence[Host]
    images: ImageShelf
    network: Network
    zone: str = "nova"
    build_seconds: float = 0.5
    action_seconds: float = 0.1
    quota: Quota = field(default_factory=Quota)
    flavors: dict[str, Flavor] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    keypairs: dict[tuple[str, str], Json] = field(default_factory=dict)  # by user and name
    server_groups: dict[str, Json] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def live_servers(self) -> list[Server]:
        """All that aren't deleted."""
        return [server for server in self.all_servers() if server.alive]

    def all_servers(self) -> list[Server]:
        """The deleted ones too, each with the status that is due now."""
        now = self.clock.now()
        for server in self.servers.values():
            server.settle(now)
        return list(self.servers.values())

    def servers_of(self, project_id: str) -> list[Server]:
        """One project's, without the deleted ones."""
        return [server for server in self.live_servers() if server.project_id == project_id]

    def host_named(self, name: str | None) -> Host | None:
        """The host of that name, if any."""
        return next((host for host in self.hosts if host.name == name), None)

    def flavor_for(self, flavor_id: str, project_id: str | None, is_admin: bool) -> Flavor:
        """Raises Fault 404 for one that is unknown, or hidden from the project."""
        flavor = self.flavors.get(flavor_id)
        if flavor is None or not (is_admin or flavor.seen_by(project_id)):
            raise Fault(404, f"Flavor {flavor_id} could not be found.")
        return flavor

    def put(self, server: Server, host: Host) -> None:
        """Place a server on a host, taking its room there and nowhere else."""
        self.lift(server)
        server.host = host.name
        host.taken[server.id] = server.need

    def lift(self, server: Server) -> None:
        """Give a server's room back."""
        for host in self.hosts:
            host.taken.pop(server.id, None)

    def delete(self, server: Server) -> None:
        """Give its room back and keep it as a deleted server."""
        self.lift(server)
        now = self.clock.now()
        server.status, server.task_state, server.pending = "DELETED", None, None
        server.terminated_at = server.updated_at = now
        for group in self.server_groups.values():
            group["members"] = [member for member in group["members"] if member != server.id]

    def note(self, server: Server, action: str, token_user_id: str, request_id: str, at: datetime) -> None:
        """Write down what was done to a server, newest first."""
        event: Json = {
            "action": action,
            "instance_uuid": server.id,
            "request_id": request_id,
            "user_id": token_user_id,
            "project_id": server.project_id,
            "start_time": api_time(at)[:-1] + ".000000",
            "updated_at": api_time(at)[:-1] + ".000000",
            "message": None,
        }
        server.events.insert(0, event)
