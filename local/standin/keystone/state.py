"""What Keystone knows: domains, projects, users, roles, tokens."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

from local.standin.clock import Clock
from local.standin.identity import Token
from local.standin.ids import RandomIds, named_hex
from local.standin.message import Json

IMPLIED_ROLES = {"admin": ("member", "reader"), "member": ("reader",)}
ROLES = ("admin", "member", "reader", "service")


@dataclass(frozen=True)
class Project:
    """A project, which Nova calls a tenant."""

    id: str
    name: str
    domain_id: str = "default"


@dataclass
class User:
    """A user and the roles it holds, by scope: a project's id, ``domain:<id>`` or ``system``."""

    id: str
    name: str
    password: str
    domain_id: str = "default"
    roles: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class ApplicationCredential:
    """One user in one project, with all or some of the user's roles there."""

    id: str
    name: str
    secret: str
    user_id: str
    project_id: str
    roles: tuple[str, ...]
    access_rules: list[Json] | None = None
    unrestricted: bool = False


class KeystoneState:
    """All that Keystone knows. Pods read tokens from it directly: it is their TokenAuthority."""

    def __init__(self, clock: Clock, ids: RandomIds, token_lifetime_seconds: float = 3600.0) -> None:
        self.clock = clock
        self.ids = ids
        self.token_lifetime_seconds = token_lifetime_seconds
        self.projects: dict[str, Project] = {}
        self.users: dict[str, User] = {}
        self.credentials: dict[str, ApplicationCredential] = {}
        self._tokens: dict[str, Token] = {}
        self._lock = threading.RLock()

    def add_project(self, name: str) -> Project:
        """Add a project, or find it again; its id follows from its name."""
        project = Project(named_hex(name), name)
        return self.projects.setdefault(project.id, project)

    def add_user(self, name: str, password: str, project: str | None = None, *roles: str) -> User:
        """Add a user, or set an existing one's password, and give it roles in a project.

        The project is named, and added if it is new.
        """
        user = self.users.setdefault(
            named_hex(f"user:{name}"), User(named_hex(f"user:{name}"), name, password)
        )
        user.password = password
        if project is not None:
            self.grant(user, self.add_project(project).id, *roles)
        return user

    def grant(self, user: User, scope: str, *roles: str) -> None:
        """Give roles in a scope: a project's id, ``domain:<id>`` or ``system``."""
        user.roles.setdefault(scope, set()).update(roles)

    def add_credential(
        self,
        user: str,
        project: str,
        name: str,
        secret: str = "",
        *,
        roles: tuple[str, ...] = (),
        access_rules: list[Json] | None = None,
        unrestricted: bool = False,
    ) -> ApplicationCredential:
        """Add an application credential for a user and a project, both by name or id."""
        owner, scope = self.find_user(user), self.find_project(project)
        if owner is None or scope is None:
            raise LookupError(f"no user {user} or no project {project}")
        credential = ApplicationCredential(
            id=self.ids.uuid().replace("-", ""),
            name=name,
            secret=secret or self.ids.token()[-32:],
            user_id=owner.id,
            project_id=scope.id,
            roles=roles or tuple(sorted(owner.roles.get(scope.id, set()))),
            access_rules=access_rules,
            unrestricted=unrestricted,
        )
        return self.credentials.setdefault(credential.id, credential)

    def find_project(self, name_or_id: str) -> Project | None:
        """A project by name or id."""
        return self.projects.get(name_or_id) or self.projects.get(named_hex(name_or_id))

    def find_user(self, name_or_id: str) -> User | None:
        """A user by name or id."""
        return self.users.get(name_or_id) or self.users.get(named_hex(f"user:{name_or_id}"))

    def issue(self, draft: Token) -> Token:
        """Complete a draft with an id, its times and all implied roles; keep it and return it.

        A draft that has an end already, as that of a rescoped token, gets no later one.
        """
        now = self.clock.now()
        latest = now + timedelta(seconds=self.token_lifetime_seconds)
        expires_at = min(draft.expires_at, latest) if draft.expires_at > now else latest
        with self._lock:
            for stale in [t.id for t in self._tokens.values() if t.expires_at <= now]:
                del self._tokens[stale]
            token = replace(
                draft,
                id=self.ids.token(),
                audit_id=self.ids.token()[-22:],
                roles=with_implied(draft.roles),
                issued_at=now,
                expires_at=expires_at,
            )
            self._tokens[token.id] = token
        return token

    def read(self, token_id: str) -> Token | None:
        """The token, or None if it is unknown, revoked or expired."""
        token = self._tokens.get(token_id)
        return token if token is not None and token.expires_at > self.clock.now() else None

    def revoke(self, token_id: str) -> None:
        """Make a token invalid from now on."""
        with self._lock:
            self._tokens.pop(token_id, None)


def with_implied(roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles, and those that they imply: an admin is a member and a reader too."""
    implied = {follower for role in roles for follower in IMPLIED_ROLES.get(role, ())}
    return tuple(sorted({*roles, *implied}))
