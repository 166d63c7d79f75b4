"""Script: the troubles that a test orders and that the next requests meet."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Literal

from local.standin.message import Json, Request


@dataclass
class Trouble:
    """What the next ``times`` requests meet that match ``path`` and ``method``.

    First comes a delay of ``delay_seconds``. Then the connection is reset, or the client gets ``status`` and
    ``body``, or the true reply if neither is given. ``when`` says when the service works on the request: with
    *after* it does so before all this; with *before* it does so only if the true reply is wanted.
    """

    path: str = ""  # a regular expression, searched in the path
    method: str | None = None
    times: int = 1
    when: Literal["before", "after"] = "before"
    delay_seconds: float = 0.0
    reset: bool = False
    status: int | None = None
    body: Json | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def meets(self, request: Request) -> bool:
        """Whether the request's method and path match."""
        return self.method in (None, request.method) and re.search(self.path, request.path) is not None


class Script:
    """The ordered troubles; the one ordered first comes first."""

    def __init__(self) -> None:
        self._troubles: list[Trouble] = []
        self._lock = threading.Lock()

    def add(self, trouble: Trouble) -> None:
        """Order one more trouble. Raises re.error for a bad pattern."""
        re.compile(trouble.path)
        with self._lock:
            self._troubles.append(trouble)

    def clear(self) -> None:
        """Forget the troubles still to come."""
        with self._lock:
            self._troubles.clear()

    def take(self, request: Request) -> Trouble | None:
        """The first trouble that matches this request, or None. It is forgotten after its last time."""
        with self._lock:
            for trouble in self._troubles:
                if trouble.meets(request):
                    trouble.times -= 1
                    if trouble.times <= 0:
                        self._troubles.remove(trouble)
                    return trouble
        return None
