"""Paging: limit, marker and next links, as all of Nova's lists have them."""

from __future__ import annotations

from urllib.parse import urlencode

from chalicelib.api.nova.forwarding import query_pairs
from chalicelib.api.routes import Call
from chalicelib.model.errors import InvalidField

MOST_DIGITS = 18


def read_limit(call: Call) -> int | None:
    """How many rows the client wants; None when it names no limit. Raises InvalidField."""
    text = _last(call, "limit")
    if text is None:
        return None
    if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > MOST_DIGITS:
        raise InvalidField("limit", f"Invalid input for query parameters limit. Value: {text}.")
    if text.startswith("-"):
        raise InvalidField("limit", "limit param must be an integer not less than 0")
    return int(text)


def read_marker(call: Call) -> str:
    """The id after which the page starts; empty for the first page."""
    return _last(call, "marker") or ""


def next_link(call: Call, last_id: str) -> str:
    """The link to the following page: the same query, starting after this page's last row."""
    kept = [(key, value) for key, value in query_pairs(call) if key != "marker"]
    return f"{call.base_url}/v2.1{call.raw_path}?{urlencode([*kept, ('marker', last_id)])}"


def _last(call: Call, key: str) -> str | None:
    values = call.query.get(key)
    return values[-1] if values else None
