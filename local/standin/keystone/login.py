"""Reads a login: which user, by which methods, for which scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.standin.identity import Token, unauthorized
from local.standin.ids import named_hex
from local.standin.keystone.state import ApplicationCredential, KeystoneState, User
from local.standin.message import Fault, Json

NEVER = datetime.min.replace(tzinfo=UTC)
DOMAINS = {"default": "Default"}


def log_in(state: KeystoneState, auth: Json, keystone_url: str) -> Token:
    """Issue the token that an ``auth`` body asks for.

    Raises Fault 400 for a malformed body; every other refusal is a 401 that doesn't say why.
    """
    try:
        draft = _draft(state, auth)
    except (KeyError, TypeError, AttributeError) as error:
        raise Fault(400, f"Invalid input for field identity: {error}") from error
    if draft is None:
        raise unauthorized(keystone_url)
    return state.issue(draft)


def _draft(state: KeystoneState, auth: Json) -> Token | None:
    identity = auth["identity"]
    methods = tuple(identity["methods"])
    if "application_credential" in methods:
        credential = _credential(state, identity["application_credential"])
        return None if credential is None else _by_credential(state, credential)
    if "token" in methods:
        parent = state.read(identity["token"]["id"])
        if parent is None or parent.application_credential is not None:
            return None
        user = state.users.get(parent.user_id)
        expires_at, methods = parent.expires_at, tuple(sorted({*methods, *parent.methods}))
    else:
        user, expires_at = _by_password(state, identity["password"]["user"]), NEVER
    if user is None:
        return None
    return _scoped(state, user, auth.get("scope"), methods, expires_at)


def _by_password(state: KeystoneState, asked: Json) -> User | None:
    user = _user(state, asked)
    return user if user is not None and user.password == asked["password"] else None


def _user(state: KeystoneState, asked: Json) -> User | None:
    if "id" in asked:
        return state.users.get(asked["id"])
    return state.users.get(named_hex(f"user:{asked['name']}")) if _is_our_domain(asked["domain"]) else None


def _is_our_domain(domain: Json) -> bool:
    return domain.get("id") in DOMAINS or domain.get("name") in DOMAINS.values()


def _scoped(
    state: KeystoneState, user: User, scope: Any, methods: tuple[str, ...], expires_at: datetime
) -> Token | None:
    token = Token("", user.id, methods, (), NEVER, expires_at, "")
    if scope in (None, "unscoped") or "unscoped" in scope:
        return token
    if "project" in scope:
        asked = scope["project"]
        if "id" not in asked and not _is_our_domain(asked["domain"]):
            return None
        project = state.projects.get(asked["id"] if "id" in asked else named_hex(asked["name"]))
        return None if project is None else _with_roles(token, user, project.id, project_id=project.id)
    if "domain" in scope:
        return (
            _with_roles(token, user, "domain:default", domain_id="default")
            if _is_our_domain(scope["domain"])
            else None
        )
    return _with_roles(token, user, "system", system=True)


def _with_roles(token: Token, user: User, held_in: str, **scope: Any) -> Token | None:
    roles = user.roles.get(held_in)
    if not roles:
        return None
    return Token("", user.id, token.methods, tuple(sorted(roles)), NEVER, token.expires_at, "", **scope)


def _credential(state: KeystoneState, asked: Json) -> ApplicationCredential | None:
    if "id" in asked:
        found = state.credentials.get(asked["id"])
    else:
        user = _user(state, asked["user"])
        mine = [c for c in state.credentials.values() if user is not None and c.user_id == user.id]
        found = next((c for c in mine if c.name == asked["name"]), None)
    return found if found is not None and found.secret == asked["secret"] else None


def _by_credential(state: KeystoneState, credential: ApplicationCredential) -> Token:
    shown: Json = {
        "id": credential.id,
        "name": credential.name,
        "restricted": not credential.unrestricted,
    }
    if credential.access_rules is not None:
        shown["access_rules"] = credential.access_rules
    return Token(
        id="",
        user_id=credential.user_id,
        methods=("application_credential",),
        roles=credential.roles,
        issued_at=NEVER,
        expires_at=NEVER,
        audit_id="",
        project_id=credential.project_id,
        application_credential=shown,
    )
