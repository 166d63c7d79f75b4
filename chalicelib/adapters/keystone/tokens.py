"""Tokens: who a token belongs to; Keystone is asked with the token itself."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, NoReturn

from chalicelib.adapters import time_left
from chalicelib.adapters.openstack.wire import Wire, WireError
from chalicelib.model.errors import Forbidden, KeystoneUnavailable, Unauthenticated
from chalicelib.model.identity import Identity
from chalicelib.model.pod_request import PodReply

READ_TIMEOUT_SECONDS = 5.0
MAX_TOKEN_LENGTH = 8192  # a signed token grows with its roles; API Gateway takes 10,240 bytes of headers
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class KeystoneTokenValidator:
    """Validates project-scoped tokens, and remembers for a short while whom Keystone confirmed.

    An identity is kept by the token's hash until the token expires, ``cache_seconds`` at most. Of more than
    ``cache_size``, the one that wasn't used for longest goes. Refusals aren't kept, since the role that
    a token lacks may be granted at any moment.
    """

    def __init__(
        self,
        wire: Wire,
        auth_url: str,
        clock: Callable[[], datetime],
        cache_seconds: int = 60,
        cache_size: int = 1000,
    ) -> None:
        """``auth_url`` is Keystone's address and ends in /v3."""
        self._wire = wire
        self._url = auth_url.rstrip("/") + "/auth/tokens?nocatalog"
        self._clock = clock
        self._lifetime = timedelta(seconds=cache_seconds)
        self._size = cache_size
        self._lock = Lock()
        self._kept: OrderedDict[bytes, tuple[datetime, Identity]] = OrderedDict()

    def validate(self, token: str) -> Identity:
        """The identity of a token.

        Raises Unauthenticated for a token that is malformed, unknown, expired or unscoped, Forbidden
        for one of a domain, of the system or with access rules, and KeystoneUnavailable.
        """
        if not _PRINTABLE.fullmatch(token) or len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The request you have made requires authentication.")
        key = sha256(token.encode()).digest()
        identity = self._remembered(key)
        if identity is None:
            identity = self._identity(_described(self._ask(token)))
            self._remember(key, identity)
        return identity

    def _remembered(self, key: bytes) -> Identity | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept[0] <= self._clock():
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return kept[1]

    def _remember(self, key: bytes, identity: Identity) -> None:
        until = min(identity.expires_at, self._clock() + self._lifetime)
        with self._lock:
            self._kept[key] = (until, identity)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def _ask(self, token: str) -> PodReply:
        headers = {
            "X-Auth-Token": token,
            "X-Subject-Token": token,
            # Without it Keystone answers 404 for a token with access rules, and we couldn't say why.
            "OpenStack-Identity-Access-Rules": "1",
            "Accept": "application/json",
        }
        seconds = time_left.at_most(READ_TIMEOUT_SECONDS)
        try:
            return self._wire.call("GET", self._url, headers, read_timeout_seconds=seconds)
        except WireError as error:
            raise KeystoneUnavailable("Keystone doesn't answer.") from error

    def _identity(self, token: Mapping[str, Any]) -> Identity:
        _refuse_scope(token)
        try:
            identity = _read(token)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise KeystoneUnavailable("Keystone's answer can't be read.") from error
        if identity.expires_at <= self._clock():
            raise Unauthenticated("The token has expired.")
        return identity

    def __repr__(self) -> str:
        """The validator's text for a log, which shows no identity that it keeps."""
        return f"KeystoneTokenValidator({self._url})"


def _described(reply: PodReply) -> Mapping[str, Any]:
    """The token as Keystone describes it."""
    if reply.status != 200:
        _refuse(reply)
    try:
        token = json.loads(reply.body)["token"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KeystoneUnavailable("Keystone's answer can't be read.") from error
    if not isinstance(token, dict):
        raise KeystoneUnavailable("Keystone's answer can't be read.")
    return token


def _refuse(reply: PodReply) -> NoReturn:
    # The page of a proxy in front of Keystone says nothing about a token, whatever its status.
    if reply.is_the_services and reply.status in (400, 401, 404):
        raise Unauthenticated("The request you have made requires authentication.")
    if reply.is_the_services and reply.status == 403:
        raise Forbidden("Keystone doesn't let this token be used here.")
    raise KeystoneUnavailable(f"Keystone answers with {reply.status}.")


def _refuse_scope(token: Mapping[str, Any]) -> None:
    if not token.get("project") or token.get("domain") or token.get("system"):
        if "domain" in token or "system" in token:
            raise Forbidden("A token of a domain or the system can't be used here; scope it to a project.")
        raise Unauthenticated("The token has no scope; scope it to a project.")
    # Access rules name paths of other services; we can't tell which of our paths they would allow. An empty
    # list allows nothing, and of what we can't read we don't know what it allows.
    credential = token.get("application_credential") or {}
    if not isinstance(credential, dict) or credential.get("access_rules") is not None:
        raise Forbidden("A token with access rules can't be used here.")


def _read(token: Mapping[str, Any]) -> Identity:
    expires_at = datetime.fromisoformat(token["expires_at"])
    return Identity(
        user_id=str(token["user"]["id"]),
        project_id=str(token["project"]["id"]),
        # Role names are compared without case everywhere in OpenStack.
        roles=frozenset(str(role["name"]).lower() for role in token.get("roles", ())),
        expires_at=expires_at if expires_at.tzinfo else expires_at.replace(tzinfo=UTC),
    )
