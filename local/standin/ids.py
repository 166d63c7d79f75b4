"""Ids: made by chance, from a seed, or from a name."""

from __future__ import annotations

import base64
import random
import secrets
import threading
import uuid
from typing import Protocol


class IdSource(Protocol):
    """Makes ids that nobody has used before."""

    def uuid(self) -> str: ...

    def token(self) -> str:
        """A fresh opaque token."""
        ...


class RandomIds:
    """Ids that nobody can guess."""

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def token(self) -> str:
        """A fresh opaque token."""
        return "gAAAAAB" + secrets.token_urlsafe(96)


class SeededIds:
    """Ids from a seed: each run gets the same ones in the same order."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def uuid(self) -> str:
        with self._lock:
            return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def token(self) -> str:
        """A fresh opaque token."""
        with self._lock:
            return "gAAAAAB" + base64.urlsafe_b64encode(self._random.randbytes(96)).decode()


def named_uuid(name: str) -> str:
    """The UUID that follows from a name: the same in every pod and at every start."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def named_hex(name: str) -> str:
    """The id that follows from a name, as 32 hex digits, which is how Keystone writes ids."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, name).hex
