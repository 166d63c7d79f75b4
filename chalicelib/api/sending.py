"""Sending: an answer's body as text, and whether Lambda can carry it.

Lambda sends at most 6 MB: our whole answer as its runtime writes it in JSON, with the body as one string in
it. There each quote and backslash of the body takes two bytes, and a letter outside ASCII six or twelve.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

MOST_BYTES = 6 * 1024 * 1024 - 64 * 1024  # of the body; the rest is for the headers
_MOST_BYTES_A_LETTER = 12


def text_of(body: object) -> str:
    """A reply's body as it is sent; Chalice itself would write None as ``null``."""
    if body is None:
        return ""
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace")
    if isinstance(body, str):
        return body.encode(errors="replace").decode()
    text = json.dumps(body, ensure_ascii=False, separators=(", ", ": "))
    try:
        text.encode()
    except UnicodeEncodeError:  # a pod's server, say, has half of a surrogate pair in its name
        return json.dumps(body)
    return text


def carried_bytes(text: str) -> int:
    """How much of Lambda's answer a body takes."""
    return len(json.dumps(text))


def fits(text: str) -> bool:
    """Whether Lambda can carry a body. Only a large one is measured, since that means to write it again."""
    return len(text) * _MOST_BYTES_A_LETTER <= MOST_BYTES or carried_bytes(text) <= MOST_BYTES


def how_many_fit(rows: Sequence[object], around: str) -> int:
    """How many rows of a list fit with the text ``around`` them; one at least, since a page has a marker."""
    left = MOST_BYTES - carried_bytes(around)
    for count, row in enumerate(rows):
        left -= carried_bytes(text_of(row))
        if left < 0:
            return max(1, count)
    return len(rows)
