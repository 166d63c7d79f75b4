"""Paging: limit, marker and next links, as all of OpenStack's lists have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from chalicelib.api.call import Call
from chalicelib.api.openstack.forwarding import query_pairs
from chalicelib.api.sending import fits, how_many_fit, text_of
from chalicelib.model.errors import InvalidField

MOST_DIGITS = 18  # of a number that a client sends as text


def read_limit(call: Call) -> int | None:
    """How many rows the client wants; None when it names no limit. Raises InvalidField."""
    text = _last(call, "limit")
    if text is None:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > MOST_DIGITS:
        why = f"'{text}' does not match '^[0-9]*$'" if text else "'' should be non-empty"
        raise InvalidField("limit", f"Invalid input for query parameters limit. Value: {text}. {why}")
    return int(text)


def read_marker(call: Call) -> str:
    """The id after which the page starts; empty for the first page."""
    return _last(call, "marker") or ""


def list_text(
    call: Call, name: str, rows: Sequence[Mapping[str, Any]], more: bool, marker_key: str = "id"
) -> str:
    """A list as OpenStack writes one: ``more`` adds the link to the next page.

    A row's ``marker_key`` is its marker. A page that Lambda couldn't carry is cut short, with a link to the
    rest of it.
    """
    text = text_of(_list_body(call, name, rows, more, marker_key))
    if fits(text):
        return text
    frame = text_of(_list_body(call, name, rows[:1], True, marker_key))
    return text_of(_list_body(call, name, rows[: how_many_fit(rows, frame)], True, marker_key))


def _list_body(
    call: Call, name: str, rows: Sequence[Mapping[str, Any]], more: bool, marker_key: str
) -> dict[str, Any]:
    """The next link leads to what follows the last row."""
    body: dict[str, Any] = {name: rows}
    if more and rows:
        body[f"{name}_links"] = next_links(call, rows[-1][marker_key])
    return body


def next_links(call: Call, marker: str) -> list[dict[str, str]]:
    """The link to the page after a row: the same query from there on."""
    pairs = [(key, value) for key, value in query_pairs(call) if key != "marker"]
    query = urlencode([*pairs, ("marker", marker)])
    return [
        {"rel": "next", "href": f"{call.base_url}{call.prefix}{call.project_path}{call.raw_path}?{query}"}
    ]


def _last(call: Call, key: str) -> str | None:
    values = call.query.get(key)
    return values[-1] if values else None
