"""Journal: what a site received, so that a test can check what reached a pod."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from local.standin.clock import api_time
from local.standin.message import Json, Request

SECRET_HEADERS = frozenset({"x-auth-token", "x-subject-token", "x-service-token", "authorization"})


@dataclass
class Received:
    """One request as it came. ``status`` is the reply's; it is None until there is a reply."""

    at: datetime
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None = None

    def redacted(self) -> Json:
        """The request as JSON, without the tokens in its headers."""
        headers = {name: "***" if name in SECRET_HEADERS else text for name, text in self.headers.items()}
        return {
            "at": api_time(self.at),
            "method": self.method,
            "path": self.path,
            "query": self.query_string,
            "headers": headers,
            "body": self.body.decode(errors="replace"),
            "status": self.status,
        }


class Journal:
    """The last ten thousand requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Received] = deque(maxlen=10_000)
        self._lock = threading.Lock()

    def note(self, request: Request, at: datetime) -> Received:
        """Write a request down; its status is filled in later."""
        entry = Received(
            at, request.method, request.path, request.query_string, dict(request.headers), request.body
        )
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self, method: str | None = None, path: str = "") -> list[Received]:
        """The requests with this method whose path holds a match of the regular expression ``path``."""
        with self._lock:
            entries = list(self._entries)
        return [e for e in entries if method in (None, e.method) and re.search(path, e.path)]

    def clear(self) -> None:
        """Forget all requests so far."""
        with self._lock:
            self._entries.clear()
