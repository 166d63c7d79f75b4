"""Queries: the parameters of an operator's request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from chalicelib.model.errors import InvalidField
from chalicelib.model.page import Page

MOST_ROWS = 1000
MOST_VALUE_BYTES = 1000
PAGING = ("limit", "marker")


def read_query(
    query: Mapping[str, tuple[str, ...]], known: tuple[str, ...], may_be_empty: tuple[str, ...] = ("marker",)
) -> dict[str, str]:
    """The parameters that were given; refuses unknown, repeated and empty ones.

    An empty filter is refused because it comes from a variable that was never set, and would list
    everything. An empty marker is how clients begin a list.
    """
    for name, values in query.items():
        if name not in known:
            raise InvalidField(name, f"unknown parameter; known are {', '.join(known) or 'none'}")
        if len(values) > 1:
            raise InvalidField(name, "is given more than once")
        if "" in values and name not in may_be_empty:
            raise InvalidField(name, "must not be empty")
        if any(len(value.encode(errors="replace")) > MOST_VALUE_BYTES for value in values):
            raise InvalidField(name, f"must have at most {MOST_VALUE_BYTES} bytes")
    return {name: values[0] for name, values in query.items() if values}


def read_page(asked: Mapping[str, str], default: int = MOST_ROWS) -> Page:
    """The page of a list that is asked for; ``default`` is its limit where none is given."""
    limit = asked.get("limit", str(default))
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 9) or not 1 <= int(limit) <= MOST_ROWS:
        raise InvalidField("limit", f"must be a whole number from 1 to {MOST_ROWS}")
    return Page(limit=int(limit), marker=asked.get("marker", ""))


def read_flag(field: str, value: str) -> bool:
    """A flag as a query has it: ``true`` or ``false``. Raises InvalidField."""
    if value not in ("true", "false"):
        raise InvalidField(field, "must be true or false")
    return value == "true"


def read_time(field: str, value: str) -> datetime:
    """An ISO 8601 time as aware UTC; one without an offset is UTC already. Raises InvalidField."""
    try:
        # A plus sign in a query that nobody encoded arrives as a space.
        moment = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidField(field, "must be an ISO 8601 time, such as 2026-02-03T04:05:06Z") from error
