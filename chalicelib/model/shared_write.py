"""Shared write: a change that every pod must make alike, such as a new flavor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_UNDER_WAY = timedelta(seconds=60)  # longer than any request may take

Has = Callable[[Mapping[str, Any]], bool]


def _says_it_all(shown: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SharedWrite:
    """What one request changes in all pods.

    ``title`` names what it is about, in words. ``body`` is what the pods get. A pod that refuses with
    ``done_status`` may have what is asked for already, or be rid of it: then the path ``look`` shows it, and
    ``has`` judges what it shows, be it a fault. Without ``look`` the status itself says so.
    ``made_id`` is the id that we gave a new resource whose client gave none. ``ends`` says that it removes
    the resource, and so all that is left to do about it.
    """

    method: str
    path: str
    body: bytes | None
    title: str
    done_status: int = 404
    look: str = ""
    has: Has = _says_it_all
    success: int = 200
    made_id: str = ""
    ends: bool = False


def call_id(method: str, path: str, body: bytes | None) -> str:
    """The same text for the same call, however its JSON is spelled."""
    try:
        said = json.dumps(json.loads(body or b"null"), sort_keys=True)
    except (ValueError, RecursionError):
        said = (body or b"").decode(errors="replace")
    return hashlib.sha256(f"{method} {path}\n{said}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class UnfinishedWrite:
    """A shared write that has begun and that we don't know to be done in every pod.

    ``call_id`` is that of the client's own request, by which a repeat is known. ``fates`` says what happened
    in which pods; it is empty while the request runs, and stays so if its process dies.
    """

    call_id: str
    title: str
    call: str
    begun_at: datetime
    request_id: str
    user_id: str
    made_id: str = ""
    fates: str = ""

    def is_left(self, at: datetime) -> bool:
        """Whether it failed, or its process must have died."""
        return bool(self.fates) or at - self.begun_at > _UNDER_WAY
