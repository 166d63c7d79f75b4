"""The server actions that do more than change a server's status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.standin.images import Image
from local.standin.message import Fault, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.server import Server
from local.standin.nova.server_body import write_server
from local.standin.nova.state import NovaState


class ActionReplies:
    """A method for each action; it gets the call, the server and the action's argument from the body."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def accept(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Reply 202 and do nothing."""
        return Reply(202)

    def rebuild(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Rebuild the server from an image, on its host."""
        image_id = str((argument or {}).get("imageRef") or "").rsplit("/", 1)[-1]
        if self._state.images.find(image_id, call.project_id, call.caller.is_admin) is None:
            raise Fault(400, f"Can not find requested image {image_id}")
        server.key_name = self._new_key(call, server, argument)
        server.image_id = image_id
        server.name = argument.get("name", server.name)
        done_at = self._state.clock.now() + timedelta(seconds=self._state.action_seconds)
        server.heading_for("ACTIVE", "rebuilding", done_at)
        body = {**write_server(server, call, self._state), "adminPass": argument.get("adminPass", "rebuilt")}
        return Reply(202, {"server": body}, {"Location": call.url(f"/servers/{server.id}")})

    def _new_key(self, call: NovaCall, server: Server, argument: Any) -> str | None:
        """The key after a rebuild: from 2.54 on it may name another, of the caller's, or none."""
        if "key_name" not in argument:
            return server.key_name
        if call.minor < 54:
            raise Fault(400, "Additional properties are not allowed ('key_name' was unexpected)")
        name: str | None = argument["key_name"]
        if name is not None and (call.caller.user_id, name) not in self._state.keypairs:
            raise Fault(400, "Invalid key_name provided.")
        return name

    def create_image(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Keep a snapshot in the pod's Glance."""
        name = (argument or {}).get("name")
        if not name:
            raise Fault(400, "Invalid input for field/attribute createImage. 'name' is a required property")
        image = Image(
            id=self._state.ids.uuid(),
            name=name,
            created_at=self._state.clock.now(),
            owner=call.project_id,
            visibility="private",
            properties={"image_type": "snapshot", "instance_uuid": server.id},
        )
        self._state.images.add(image)
        location = {"Location": f"{call.request.origin}/image/v2/images/{image.id}"}
        if call.minor >= 45:
            return Reply(202, {"image_id": image.id})
        return Reply(202, None, location)

    def console_output(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Some lines that a guest could have written."""
        lines = [f"[    0.{number:06d}] {server.name} says hello" for number in range(1, 11)]
        length = (argument or {}).get("length")
        if length is not None and int(length) >= 0:
            lines = lines[-int(length) :] if int(length) else []
        return Reply(200, {"output": "\n".join(lines)})

    def console(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """A link that leads nowhere."""
        url = f"{call.request.origin}/console?token={self._state.ids.uuid()}"
        return Reply(200, {"console": {"type": (argument or {}).get("type", "novnc"), "url": url}})

    def reset_state(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Let an admin set the status to ACTIVE or ERROR."""
        call.needs_admin("os-admin-actions:reset_state")
        server.status = "ACTIVE" if (argument or {}).get("state") == "active" else "ERROR"
        server.task_state = server.pending = None
        return Reply(202)

    def lock(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Refuse further actions, except from admins."""
        server.locked = True
        server.locked_reason = (argument or {}).get("locked_reason")
        return Reply(202)

    def unlock(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        server.locked, server.locked_reason = False, None
        return Reply(202)

    def force_delete(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Delete the server, whatever its state."""
        self._state.delete(server)
        return Reply(202)

    def add_security_group(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Add a security group's name to the server."""
        name = (argument or {}).get("name", "")
        if name not in server.security_groups:
            server.security_groups.append(name)
        return Reply(202)

    def remove_security_group(self, call: NovaCall, server: Server, argument: Any) -> Reply:
        """Remove a security group's name from the server."""
        name = (argument or {}).get("name", "")
        if name not in server.security_groups:
            raise Fault(404, f"Security group {name} not associated with the instance {server.id}")
        server.security_groups.remove(name)
        return Reply(202)
