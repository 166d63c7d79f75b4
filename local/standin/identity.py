"""Identity: tokens, and how a service finds out whose token a request brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from local.standin.message import Fault, Json, Request


@dataclass(frozen=True)
class Token:
    """A Keystone token. At most one of project, domain and system scope is set."""

    id: str
    user_id: str
    methods: tuple[str, ...]
    roles: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    audit_id: str
    project_id: str | None = None
    domain_id: str | None = None
    system: bool = False
    application_credential: Json | None = None

    @property
    def is_admin(self) -> bool:
        """Whether it may do everything, in all projects."""
        return "admin" in self.roles

    @property
    def serves(self) -> bool:
        """Whether it has the role ``service`` or ``admin``, which Placement and token validation ask for."""
        return self.is_admin or "service" in self.roles


class TokenAuthority(Protocol):
    """What a pod's services need of Keystone."""

    def read(self, token_id: str) -> Token | None:
        """The token, or None if it is unknown, revoked or expired."""


def authenticate(request: Request, authority: TokenAuthority, keystone_url: str) -> Token:
    """The caller's token. Raises Fault 401 in the form of keystonemiddleware."""
    token = authority.read(request.header("X-Auth-Token") or "")
    if token is None:
        raise unauthorized(keystone_url)
    return token


def unauthorized(
    keystone_url: str, message: str = "The request you have made requires authentication."
) -> Fault:
    """The 401 that asks for a token and names the Keystone to get it from."""
    body = {"error": {"code": 401, "title": "Unauthorized", "message": message}}
    return Fault(401, message, body=body, headers={"WWW-Authenticate": f'Keystone uri="{keystone_url}"'})
