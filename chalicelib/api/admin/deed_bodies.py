"""Deed bodies: why an operator acts, and who did what in which request, as histories show it."""

from __future__ import annotations

from typing import Any

from chalicelib.model.deed import Deed
from chalicelib.model.fields import Reader, text
from chalicelib.model.json_values import write_time

REASON: Reader = text(empty=True)


def write_deed(deed: Deed) -> dict[str, Any]:
    """Who, when and why; ``at`` is null where nobody knows it any more."""
    return {
        "at": write_time(deed.at),
        "user_id": deed.user_id,
        "request_id": deed.request_id,
        "reason": deed.reason,
    }
