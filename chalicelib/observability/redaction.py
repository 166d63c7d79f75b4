"""Redaction: takes secrets out of every log line, also of lines that libraries write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

HIDDEN = "***"
LEAST_LETTERS = 4

_SECRETS = {
    "authorization",
    "cookie",
    "setcookie",
    "adminpass",
    "userdata",
    "personality",
    "privatekey",
    "token",
}
_SECRET_ENDINGS = ("password", "secret", "token")
_NOT_ALNUM = re.compile(r"[^a-z0-9]")

_NAMED = re.compile(
    r"""(?ix)
    ( ["']? \b (?: x-(?:auth|subject|service)-token | (?:set-)?cookie | admin_?pass | user_?data | personality
               | private_?key | \w*password | \w*secret ) ["']? \s* [:=] \s* )
    ( "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | \[[^\]]*\] | [^\s,;}&]+ )""",
)
_AUTHORIZATION = re.compile(r"(?i)(\bauthorization[\"']?\s*[:=]\s*)[^\r\n,}]+")
# A Fernet token, or a signed one (JWT), anywhere in a text.
_PRIVATE_KEY = re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)")
_TOKEN = re.compile(r"gAAAA[\w=-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")


def redacted(value: object) -> object:
    """The same value with secrets replaced: what stands under a secret's key, and what looks like a token."""
    if isinstance(value, Mapping):
        return {str(key): HIDDEN if is_secret(str(key)) else redacted(held) for key, held in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redacted(held) for held in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return redacted_text(value if isinstance(value, str) else str(value))


def redacted_text(text: str) -> str:
    """The text with tokens replaced, and whatever follows a secret's name."""
    text = _NAMED.sub(rf"\g<1>{HIDDEN}", text)
    text = _AUTHORIZATION.sub(rf"\g<1>{HIDDEN}", text)
    text = _PRIVATE_KEY.sub(HIDDEN, text)
    return _TOKEN.sub(HIDDEN, text)


def without(text: str, secrets: Iterable[str]) -> str:
    """The JSON text without these secrets, wherever they stand. Too short ones are words of any text."""
    for secret in sorted(filter(lambda each: len(each) >= LEAST_LETTERS, secrets), key=len, reverse=True):
        for spelled in (secret, json.dumps(secret)[1:-1], json.dumps(repr(secret)[1:-1])[1:-1]):
            text = text.replace(spelled, HIDDEN)
    return text


def secrets_in(body: bytes) -> frozenset[str]:
    """All texts that stand under a secret's key in a body of JSON; if it is none, all of it is secret."""
    try:
        return frozenset(_secrets(json.loads(body), secret=False)) if body else frozenset()
    except (ValueError, RecursionError):
        return frozenset({body.decode(errors="replace")})


def _secrets(value: object, secret: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield from _secrets(held, secret or is_secret(str(key)))
    elif isinstance(value, list):
        for held in value:
            yield from _secrets(held, secret)
    elif secret and isinstance(value, str):
        yield value


def is_secret(key: str) -> bool:
    """Whether the value of a key is secret, however the key is spelled: ``adminPass``, ``X-Auth-Token``."""
    name = _NOT_ALNUM.sub("", key.lower())
    return name in _SECRETS or name.endswith(_SECRET_ENDINGS)
