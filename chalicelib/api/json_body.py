"""JSON body: reads what a client sent, and refuses what couldn't be written again or isn't text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn

from chalicelib.model.errors import InvalidField

MOST_LEVELS = 100  # of lists and objects inside each other; the deepest that Nova and we take has ten
MOST_ID_BYTES = 1000
_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_NO_NUMBER = re.compile(rb"[0-9][eE]\+?[0-9]{2}|[0-9]{300}|NaN|Infinity")  # a text may hold the same

Pairs = Callable[[list[tuple[str, object]]], object]


def read_json(raw: bytes, pairs: Pairs | None = None) -> object:
    """The body's value. Raises InvalidField.

    Python reads more than can be written: nesting up to its own limit, which writing reaches earlier, halves
    of surrogate pairs, which no encoding can hold, and numbers so large that they become infinite. ``pairs``
    makes the value of an object.
    """
    try:
        body = json.loads(raw, parse_constant=_refuse_constant, object_pairs_hook=pairs)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _malformed("it is not valid JSON") from error
    _refuse_odd(body)
    return body


def check_proxied(raw: bytes) -> None:
    """Refuse a body that goes to a pod as it came, where Nova would answer it with a 500.

    It is read only if it may hold what ``read_json`` refuses. All else is Nova's to judge.
    """
    deep = raw.count(b"[") + raw.count(b"{") > MOST_LEVELS
    if deep or _HALF_A_PAIR.search(raw) or _NO_NUMBER.search(raw):
        read_json(raw)


def _refuse_odd(body: object) -> None:
    level: list[Any] = [body]
    for _ in range(MOST_LEVELS + 1):  # the last level is that of the values inside
        inside: list[Any] = []
        for value in level:
            if isinstance(value, str):
                refuse_halves("body", value)
            elif isinstance(value, float) and not isfinite(value):
                raise _malformed("it holds a number that is too large")
            elif isinstance(value, list):
                inside += value
            elif isinstance(value, dict):
                inside += (*value, *value.values())
        if not inside:
            return
        level = inside
    raise _too_deep()


def refuse_halves(field: str, text: str) -> None:
    """Raise InvalidField for a text with half of a surrogate pair, which isn't Unicode."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidField(
            field, f"{field}: half of a surrogate pair (\\ud800 to \\udfff) is no text"
        ) from error


def refuse_long_id(field: str, value: str) -> None:
    """Raise InvalidField for what is too long to be an id.

    All ids, ours and OpenStack's, are far shorter, and a store takes keys of 1024 bytes at most.
    """
    if len(value.encode()) > MOST_ID_BYTES:
        raise InvalidField(field, f"must have at most {MOST_ID_BYTES} bytes")


def _refuse_constant(name: str) -> NoReturn:
    # Python's reader takes NaN and Infinity, which aren't JSON.
    raise ValueError(f"{name} is not JSON")


def _too_deep() -> InvalidField:
    return _malformed(f"it is nested deeper than {MOST_LEVELS} levels")


def _malformed(why: str) -> InvalidField:
    return InvalidField("body", f"Malformed request body: {why}")
