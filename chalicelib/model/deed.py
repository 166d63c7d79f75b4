"""Deed: who does something, in which request, when and why; histories keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.model.identity import Caller


@dataclass(frozen=True, slots=True)
class Deed:
    """An operator's doing. ``at`` is aware; ``reason`` is what he said, or what we say for him.

    What no operator did, such as the pods of a simulation, has neither user nor time.
    """

    at: datetime | None = None
    user_id: str = ""
    request_id: str = ""
    reason: str = ""

    @classmethod
    def of(cls, caller: Caller, at: datetime, reason: str = "") -> Deed:
        return cls(at, caller.identity.user_id, caller.request_id, reason)


NOBODYS = Deed()
