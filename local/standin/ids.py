"""Ids: made by chance, or from a name."""

from __future__ import annotations

import secrets
import uuid


class RandomIds:
    """Ids that nobody can guess."""

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def token(self) -> str:
        """A fresh opaque token."""
        return "gAAAAAB" + secrets.token_urlsafe(96)


def named_uuid(name: str) -> str:
    """The UUID that follows from a name: the same in every pod and at every start."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def named_hex(name: str) -> str:
    """The id that follows from a name, as 32 hex digits, which is how Keystone writes ids."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, name).hex
