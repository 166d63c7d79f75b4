"""The state of one pod's Nova."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from local.standin.clock import Clock, api_time
from local.standin.hosts import Host
from local.standin.ids import RandomIds
from local.standin.images import ImageShelf
from local.standin.message import Fault, Json
from local.standin.network import Network
from local.standin.nova.flavor import Flavor
from local.standin.nova.server import Server


@dataclass
class Quota:
    """How much each project may have in this pod."""

    instances: int = 1000
    cores: int = 4000
    ram_mb: int = 8_000_000
    key_pairs: int = 100  # of each user


@dataclass
class NovaState:
    """All that Nova knows; hold ``lock`` to use it.

    A build takes ``build_seconds``, an action such as a stop ``action_seconds``.
    """

    clock: Clock
    ids: RandomIds
    hosts: Sequence[Host]
    images: ImageShelf
    network: Network
    zone: str = "nova"
    build_seconds: float = 0.5
    action_seconds: float = 0.1
    quota: Quota = field(default_factory=Quota)
    limits: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)  # by project and user
    flavors: dict[str, Flavor] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    keypairs: dict[tuple[str, str], Json] = field(default_factory=dict)  # by user and name
    server_groups: dict[str, Json] = field(default_factory=dict)
    proxied: dict[str, dict[str, Json]] = field(default_factory=dict)  # by path and id
    console_tokens: dict[str, Json] = field(default_factory=dict)
    aggregates: dict[int, Json] = field(default_factory=dict)
    aggregate_count: int = 0  # ever made, since ids aren't used again
    migrations: list[Json] = field(default_factory=list)
    external_events: list[Json] = field(default_factory=list)  # those that were taken
    lock: threading.RLock = field(default_factory=threading.RLock)

    def live_servers(self) -> list[Server]:
        """The servers that aren't deleted, each with its present status."""
        return [server for server in self.all_servers() if server.alive]

    def all_servers(self) -> list[Server]:
        """All servers, also deleted ones, each with its present status."""
        now = self.clock.now()
        for server in self.servers.values():
            server.settle(now)
        return list(self.servers.values())

    def servers_of(self, project_id: str) -> list[Server]:
        """One project's servers that aren't deleted."""
        return [server for server in self.live_servers() if server.project_id == project_id]

    def host_named(self, name: str | None) -> Host | None:
        """The host with this name, or None."""
        return next((host for host in self.hosts if host.name == name), None)

    def flavor_for(self, flavor_id: str, project_id: str | None, is_admin: bool) -> Flavor:
        """The flavor. Raises Fault 404 if it is unknown, or hidden from the project."""
        flavor = self.flavors.get(flavor_id)
        if flavor is None or not (is_admin or flavor.seen_by(project_id)):
            raise Fault(404, f"Flavor {flavor_id} could not be found.")
        return flavor

    def put(self, server: Server, host: Host) -> None:
        """Move a server to a host: it takes room there, and none elsewhere any more."""
        self.lift(server)
        server.host = host.name
        host.taken[server.id] = server.need

    def lift(self, server: Server) -> None:
        """Give back the room that a server takes."""
        for host in self.hosts:
            host.taken.pop(server.id, None)

    def delete(self, server: Server) -> None:
        """Give back a server's room, and keep the server with the status DELETED."""
        self.lift(server)
        now = self.clock.now()
        server.status, server.task_state, server.pending = "DELETED", None, None
        server.terminated_at = server.updated_at = now
        for group in self.server_groups.values():
            group["members"] = [member for member in group["members"] if member != server.id]

    def note(self, server: Server, action: str, token_user_id: str, request_id: str, at: datetime) -> None:
        """Add what was done to a server to its events, which begin with the newest."""
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
