"""Nova's extensions, of which a few stand for the 72 that every Nova lists, and its console tokens."""

from __future__ import annotations

from local.standin.message import Fault, Json, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router

ALIASES = {"NMN": "Multinic", "OS-DCF": "DiskConfig", "os-fping": "Fping"}


class ExtensionsApi:
    """Shows them at every microversion."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/extensions", lambda call: Reply(200, {"extensions": [*map(_write, ALIASES)]}))
        router.add("GET", "/extensions/{alias}", self.show)
        router.add("GET", "/os-console-auth-tokens/{token}", self.console)

    def show(self, call: NovaCall) -> Reply:
        if call.vars["alias"] not in ALIASES:
            raise Fault(404, "The resource could not be found.")
        return Reply(200, {"extension": _write(call.vars["alias"])})

    def console(self, call: NovaCall) -> Reply:
        """Where a console token leads; tests put tokens into the state."""
        if call.minor < 31:
            raise Fault(400, "The server could not comply with the request since it is malformed.")
        call.needs_admin("os-console-auth-tokens")
        console = self._state.console_tokens.get(call.vars["token"])
        if console is None:
            raise Fault(404, "Token not found")
        return Reply(200, {"console": console})


def _write(alias: str) -> Json:
    return {
        "alias": alias,
        "name": ALIASES[alias],
        "description": f"{ALIASES[alias]} Extension.",
        "links": [],
        "namespace": "http://docs.openstack.org/compute/ext/fake_xml",
        "updated": "2014-12-03T00:00:00Z",
    }
