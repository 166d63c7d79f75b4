"""Checks: what a body or a query may hold, refused in the words of Nova, which checks by JSON schema.

As in Nova, the first thing that is wrong is told: the type, then each known field in turn, then what is
missing, then what is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.model.errors import InvalidField

Check = Callable[[str, object], None]
"""Takes a field's name and its value, and raises InvalidField; the whole body has no name."""

_BAD_NAME = (
    "An invalid 'name' value was provided. The name must be: printable characters. "
    "Can not start or end with whitespace."
)


@dataclass(frozen=True, slots=True)
class AnObject:
    """An object with these fields; ``strict`` refuses others."""

    fields: Mapping[str, Check]
    required: Collection[str] = ()
    strict: bool = True

    def __call__(self, field: str, value: object) -> None:
        """Check the object and all fields in it."""
        if not isinstance(value, dict):
            raise _refused(field, value, f"{value!r} is not of type 'object'")
        for name, check in self.fields.items():
            if name in value:
                check(name, value[name])
        for name in self.required:
            if name not in value:
                raise _refused(field, value, f"{name!r} is a required property")
        if self.strict:
            unexpected = sorted(set(value) - set(self.fields))
            if unexpected:
                raise _refused(field, value, _unexpected(unexpected))


def a_text(field: str, value: object) -> None:
    """Any string, an empty one too."""
    if not isinstance(value, str):
        raise _refused(field, value, f"{value!r} is not of type 'string'")


def one_of(*known: str) -> Check:
    """One of a few strings."""

    def check(field: str, value: object) -> None:
        a_text(field, value)
        if value not in known:
            raise _refused(field, value, f"{value!r} is not one of {list(known)!r}")

    return check


def a_name(pattern: str, longest: int = 255) -> Check:
    """A name that a pattern allows."""

    def check(field: str, value: object) -> None:
        a_text(field, value)
        name = str(value)
        if name != name.strip() or not name.isprintable():
            raise InvalidField(field, _BAD_NAME)
        if not name:
            raise _refused(field, value, "'' should be non-empty")
        if len(name) > longest:
            raise _refused(field, value, f"{name!r} is too long")
        if not re.search(pattern, name):
            raise _refused(field, value, f"{name!r} does not match {pattern!r}")

    return check


def check_query(query: Mapping[str, tuple[str, ...]], known: Collection[str]) -> None:
    """Refuse unknown query parameters, as newer microversions do."""
    unexpected = sorted(set(query) - set(known))
    if unexpected:
        raise InvalidField(unexpected[0], _unexpected(unexpected))


def check_whole_numbers(query: Mapping[str, tuple[str, ...]], name: str) -> None:
    """Refuse a query parameter that is no whole number, each time that it is given."""
    for value in query.get(name, ()):
        if not re.fullmatch(r"[0-9]*", value) or not value:
            why = f"{value!r} does not match '^[0-9]*$'" if value else "'' should be non-empty"
            raise InvalidField(name, f"Invalid input for query parameters {name}. Value: {value}. {why}")


def _refused(field: str, value: Any, why: str) -> InvalidField:
    if not field:
        return InvalidField("body", why)
    return InvalidField(field, f"Invalid input for field/attribute {field}. Value: {value}. {why}")


def _unexpected(names: Collection[str]) -> str:
    verb = "was" if len(names) == 1 else "were"
    listed = ", ".join(repr(name) for name in names)
    return f"Additional properties are not allowed ({listed} {verb} unexpected)"
