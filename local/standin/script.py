"""Trouble to order: what the next requests meet instead of, before or after the truth."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Literal

from local.standin.message import Json, Request


@dataclass
class Trouble:
    """What the next ``times`` requests that match get.

    ``when`` says whether the service works on the request at all: *before* stops it there (a mere
    delay lets it pass), *after* lets it do its work first. Then comes ``delay_seconds``, then a reset
    of the connection, the given ``status`` and ``body``, or the true reply if neither is given.
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
        """Whether the request is of its kind."""
        return self.method in (None, request.method) and re.search(self.path, request.path) is not None


class Script:
    """The troubles still to come, taken in the order they were written."""

    def __init__(self) -> None:
        self._troubles: list[Trouble] = []
        self._lock = threading.Lock()

    def add(self, trouble: Trouble) -> None:
        """Order one more. Raises re.error for a bad pattern."""
        re.compile(trouble.path)
        with self._lock:
            self._troubles.append(trouble)

    def clear(self) -> None:
        """Forget those still to come."""
        with self._lock:
            self._troubles.clear()

    def take(self, request: Request) -> Trouble | None:
        """The first trouble this request meets; each counts down to its end."""
        with self._lock:
            for trouble in self._troubles:
                if trouble.meets(request):
                    trouble.times -= 1
                    if trouble.times <= 0:
                        self._troubles.remove(trouble)
                    return trouble
        return None
