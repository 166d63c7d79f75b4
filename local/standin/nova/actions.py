"""Server actions: in which states each is allowed, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.standin.message import Fault, Reply
from local.standin.nova.action_replies import ActionReplies
from local.standin.nova.call import NovaCall
from local.standin.nova.resizing import Resizing
from local.standin.nova.server import STATES, Server
from local.standin.nova.servers import find_server
from local.standin.nova.state import NovaState
from local.standin.router import Router

Perform = Callable[[NovaCall, Server, Any], Reply]
ANY = tuple(vm_state for vm_state, _ in STATES.values())


@dataclass(frozen=True)
class Move:
    """An action that only changes the status: it is allowed in ``states`` and leads to ``status``."""

    verb: str  # as Nova's conflict message calls it
    states: tuple[str, ...]
    status: str
    task_state: str
    reply_with_password: bool = False


MOVES = {
    "os-start": Move("start", ("stopped",), "ACTIVE", "powering-on"),
    "os-stop": Move("stop", ("active", "rescued", "error"), "SHUTOFF", "powering-off"),
    "reboot": Move("reboot", ("active", "stopped", "paused", "suspended", "error"), "ACTIVE", "rebooting"),
    "pause": Move("pause", ("active", "rescued"), "PAUSED", "pausing"),
    "unpause": Move("unpause", ("paused",), "ACTIVE", "unpausing"),
    "suspend": Move("suspend", ("active", "rescued"), "SUSPENDED", "suspending"),
    "resume": Move("resume", ("suspended",), "ACTIVE", "resuming"),
    "rescue": Move("rescue", ("active", "stopped", "error"), "RESCUE", "rescuing", True),
    "unrescue": Move("unrescue", ("rescued",), "ACTIVE", "unrescuing"),
    "shelve": Move("shelve", ("active", "stopped", "paused", "suspended"), "SHELVED_OFFLOADED", "shelving"),
    "shelveOffload": Move(
        "shelveOffload", ("shelved_offloaded",), "SHELVED_OFFLOADED", "shelving_offloading"
    ),
    "unshelve": Move("unshelve", ("shelved_offloaded",), "ACTIVE", "unshelving"),
}


class ActionsApi:
    """Serves the one route of all actions."""

    def __init__(self, state: NovaState) -> None:
        self._state = state
        resizing, replies = Resizing(state), ActionReplies(state)
        self._others: dict[str, tuple[tuple[str, ...], Perform]] = {
            "resize": (("active", "stopped"), resizing.resize),
            "confirmResize": (("resized",), resizing.confirm),
            "revertResize": (("resized",), resizing.revert),
            "migrate": (("active", "stopped"), resizing.migrate),
            "os-migrateLive": (("active", "paused"), resizing.migrate_live),
            "rebuild": (("active", "stopped", "error"), replies.rebuild),
            "createImage": (("active", "stopped", "paused", "suspended"), replies.create_image),
            "changePassword": (("active",), replies.accept),
            "os-getConsoleOutput": (ANY, replies.console_output),
            "os-resetState": (ANY, replies.reset_state),
            "lock": (ANY, replies.lock),
            "unlock": (ANY, replies.unlock),
            "forceDelete": (ANY, replies.force_delete),
            "addSecurityGroup": (ANY, replies.add_security_group),
            "removeSecurityGroup": (ANY, replies.remove_security_group),
            "createBackup": (("active", "stopped", "paused", "suspended"), replies.create_image),
            "os-getVNCConsole": (("active", "rescued"), replies.console),
            "os-getSPICEConsole": (("active", "rescued"), replies.console),
        }

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("POST", "/servers/{server_id}/action", self.act)

    def act(self, call: NovaCall) -> Reply:
        asked = call.request.json()
        if len(asked) != 1:
            raise Fault(400, "There should be exactly one action in the request body.")
        action, argument = next(iter(asked.items()))
        if action not in MOVES and action not in self._others:
            raise Fault(400, f"There is no such action: {action}.")
        if action != "os-getConsoleOutput":
            call.needs_member(f"servers:{action}")
        server = find_server(call, self._state)
        if server.locked and action not in ("lock", "unlock") and not call.caller.is_admin:
            raise Fault(409, f"Instance {server.id} is locked")
        if action in MOVES:
            reply = self._move(server, MOVES[action], argument)
        else:
            states, perform = self._others[action]
            _check_state(server, action, states)
            reply = perform(call, server, argument)
        if action == "os-getConsoleOutput":
            return reply  # it changes nothing, so it is no event
        verb = MOVES[action].verb if action in MOVES else action
        self._state.note(server, verb, call.caller.user_id, call.request.request_id, self._state.clock.now())
        return reply

    def _move(self, server: Server, move: Move, argument: Any) -> Reply:
        if move.verb == "reboot" and (argument or {}).get("type", "").upper() not in ("SOFT", "HARD"):
            raise Fault(400, "Invalid input for field/attribute type.")
        _check_state(server, move.verb, move.states)
        if server.task_state is not None:
            raise Fault(
                409,
                f"Cannot '{move.verb}' instance {server.id} while it is in task_state {server.task_state}",
            )
        done_at = self._state.clock.now() + timedelta(seconds=self._state.action_seconds)
        server.heading_for(move.status, move.task_state, done_at)
        server.settle(self._state.clock.now())
        if move.reply_with_password:
            return Reply(200, {"adminPass": (argument or {}).get("adminPass") or "rescue-me"})
        return Reply(202)


def _check_state(server: Server, verb: str, states: tuple[str, ...]) -> None:
    """Raise Fault 409, in Nova's words, if the action isn't allowed in the server's state."""
    if server.vm_state not in states:
        raise Fault(409, f"Cannot '{verb}' instance {server.id} while it is in vm_state {server.vm_state}")
