"""Identity: who calls, for which project, with which role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from chalicelib.model.deadline import NO_DEADLINE, Deadline


class Role(IntEnum):
    """What a route asks for; each role includes those below it, and ADMIN all.

    SERVICE is for what OpenStack's services tell each other, and includes none.
    """

    ANYONE = 0
    READER = 1
    MEMBER = 2
    ADMIN = 3
    SERVICE = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """The owner of a validated, project-scoped token, which ends at ``expires_at`` (aware UTC)."""

    user_id: str
    project_id: str
    roles: frozenset[str]
    expires_at: datetime

    @property
    def role(self) -> Role:
        """The highest role that the token carries; ANYONE when it carries none of ours."""
        for role in (Role.ADMIN, Role.MEMBER, Role.READER):
            if role.name.lower() in self.roles:
                return role
        return Role.ANYONE

    def may(self, wanted: Role) -> bool:
        """Whether a route that asks for this role is open to the token."""
        if wanted is Role.SERVICE:
            return self.is_admin or Role.SERVICE.name.lower() in self.roles
        return self.role >= wanted

    @property
    def is_admin(self) -> bool:
        """Whether the caller may use the admin API and see all projects."""
        return self.role is Role.ADMIN

    def sees(self, project_id: str) -> bool:
        """Whether what a project has is shown to the token: its own, and to an admin all."""
        return self.is_admin or project_id == self.project_id


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity with its own token, which goes to the pods, and the request it makes.

    ``request_id`` is ours (``req-<uuid>``): one correlation id through the request and its calls.
    Its answer must be ready by ``deadline``.
    """

    identity: Identity
    token: str
    request_id: str
    deadline: Deadline = NO_DEADLINE

    def __repr__(self) -> str:
        """Without the token, which must never reach a log."""
        return f"Caller({self.identity.user_id}, {self.identity.project_id}, {self.request_id})"
