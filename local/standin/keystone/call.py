"""A request to Keystone and its caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.standin.identity import Token, unauthorized
from local.standin.message import Fault, Request


@dataclass(frozen=True)
class KeystoneCall:
    """A request; ``caller`` is None if it has no valid token. ``url`` is Keystone's own address."""

    request: Request
    vars: Mapping[str, str]
    url: str
    caller: Token | None

    def token(self) -> Token:
        """The caller's token. Raises Fault 401."""
        if self.caller is None:
            raise unauthorized(self.url)
        return self.caller

    def admin(self, action: str) -> Token:
        """The caller's token. Raises Fault 401, or 403 for anyone but admins and services."""
        token = self.token()
        if not token.serves:
            raise Fault(403, f"You are not authorized to perform the requested action: {action}.")
        return token
