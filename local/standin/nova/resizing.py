"""Resize and migrate.

The old room is given back at once. Nova keeps both until the client confirms.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.standin.hosts import first_with_room
from local.standin.message import Fault, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.flavor import Flavor
from local.standin.nova.server import Server
from local.standin.nova.state import NovaState


class Resizing:
    """The actions that resize and migrate."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def resize(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Change the flavor. Until it is confirmed, a revert brings the old one back."""
        flavor = self._state.flavors.get(str((argument or {}).get("flavorRef")))
        if flavor is None:
            raise Fault(400, f"Flavor {(argument or {}).get('flavorRef')} could not be found.")
        if flavor.id == server.flavor.id:
            raise Fault(400, "When resizing, instances must change flavor!")
        self._move(server, flavor)
        return Reply(202)

    def migrate(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Do as for a resize, with the same flavor."""
        call.needs_admin("os-migrate-server:migrate")
        self._move(server, server.flavor)
        return Reply(202)

    def migrate_live(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Move to another host at once."""
        call.needs_admin("os-migrate-server:migrate_live")
        others = [host for host in self._state.hosts if host.name != server.host]
        host = first_with_room(others, server.need, (argument or {}).get("host"))
        if host is None:
            raise Fault(400, "No valid host was found. ")
        self._state.put(server, host)
        return Reply(202)

    def confirm(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Keep the new flavor; it can't be reverted any more."""
        server.old_flavor = None
        self._settle_at("ACTIVE", server, task_state=None)
        return Reply(204)

    def revert(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Go back to the old flavor."""
        if server.old_flavor is not None:
            server.flavor, server.old_flavor = server.old_flavor, None
            host = self._state.host_named(server.host)
            if host is not None:
                self._state.put(server, host)
        self._settle_at("ACTIVE", server, task_state="resize_reverting")
        return Reply(202)

    def _move(self, server: Server, flavor: Flavor) -> None:
        """Put the server on a host with room for the flavor. Raises Fault 400 if there is none."""
        old = server.flavor
        self._state.lift(server)
        host = first_with_room(self._state.hosts, flavor.need(server.from_volume))
        if host is None:
            kept = self._state.host_named(server.host)
            if kept is not None:
                self._state.put(server, kept)
            raise Fault(400, "No valid host was found. No valid host found for resize")
        server.old_flavor, server.flavor = old, flavor
        self._state.put(server, host)
        self._settle_at("VERIFY_RESIZE", server, task_state="resize_migrating")

    def _settle_at(self, status: str, server: Server, task_state: str | None) -> None:
        now = self._state.clock.now()
        seconds = self._state.action_seconds if task_state else 0.0
        server.heading_for(status, task_state, now + timedelta(seconds=seconds))
        server.settle(now)
