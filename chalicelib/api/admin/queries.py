"""Queries: the parameters of an operator's request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader
from chalicelib.model.page import Page
from chalicelib.model.refusals import all_refusals, named
from chalicelib.model.spelling import usual_spelling

MOST_ROWS = 1000
MOST_VALUE_BYTES = 1000


def read_query(
    query: Mapping[str, tuple[str, ...]],
    known: Mapping[str, Reader] = {},
    together: Callable[[Mapping[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """The parameters that were given. Raises InvalidField that names all unknown, repeated and bad ones.

    ``together`` is as in ``read_fields``.
    """
    values: dict[str, Any] = {}
    with all_refusals() as refusals:
        for name, given in query.items():
            if name not in known:
                refusals.add(named(name), f"unknown parameter; known are {', '.join(known) or 'none'}")
            elif len(given) != 1:
                refusals.add(name, "is given more than once")
            elif len(given[0].encode(errors="replace")) > MOST_VALUE_BYTES:
                refusals.add(name, f"must have at most {MOST_VALUE_BYTES} bytes")
            else:
                with refusals.noted():
                    values[name] = known[name](name, given[0])
        if together:
            with refusals.noted():
                together(values)
    return values


def read_page(asked: Mapping[str, Any], default: int = MOST_ROWS) -> Page:
    """The page of a list that is asked for by ``PAGING``; ``default`` is its limit where none is given."""
    return Page(limit=asked.get("limit", default), marker=asked.get("marker", ""))


def word(field: str, value: object) -> str:
    """A text that isn't empty: an empty filter comes from a variable that nobody set, and would list all."""
    if not value:
        raise InvalidField(field, "must not be empty")
    return str(value)


def id_word(field: str, value: object) -> str:
    """An id, in its usual spelling."""
    return usual_spelling(word(field, value))


def a_marker(field: str, value: object) -> str:
    """The id of a row; empty where a client begins the list."""
    return usual_spelling(str(value))


def word_or_nothing(field: str, value: object) -> str:
    """A text that may be empty, where that asks for something."""
    return str(value)


def choice(meanings: Mapping[str, Any]) -> Reader:
    """What one of some words means."""

    def read(field: str, value: object) -> Any:
        if value not in meanings:
            raise InvalidField(field, f"must be one of {', '.join(meanings)}")
        return meanings[str(value)]

    return read


def count(low: int, high: int) -> Reader:
    """A whole number in a range, in digits."""

    def read(field: str, value: object) -> int:
        digits = str(value)
        if (
            not (digits.isascii() and digits.isdecimal() and len(digits) < 16)
            or not low <= int(digits) <= high
        ):
            raise InvalidField(field, f"must be a whole number from {low} to {high}")
        return int(digits)

    return read


def a_time(field: str, value: object) -> datetime:
    """An ISO 8601 time as aware UTC; one without an offset is UTC already. Raises InvalidField."""
    told = str(value)
    try:
        # A plus sign in a query that nobody encoded arrives as a space.
        moment = datetime.fromisoformat(told.replace(" ", "+") if "T" in told else told)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidField(field, "must be an ISO 8601 time, such as 2026-02-03T04:05:06Z") from error


whole_number = count(0, 2**53)
FLAG = choice({"true": True, "false": False})
PAGING: Mapping[str, Reader] = {"limit": count(1, MOST_ROWS), "marker": a_marker}
