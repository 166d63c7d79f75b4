"""Fields: readers of JSON values; every refusal names the field as the caller wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.refusals import all_refusals, named
from chalicelib.model.spelling import usual_spelling

Reader = Callable[[str, object], Any]
"""Takes the field's name and its JSON value; returns the typed value or raises InvalidField."""

MOST_ENTRIES = 1000


def an_object(otherwise: str = "must be an object") -> Reader:
    """A JSON object, whatever is in it; ``otherwise`` is the message when it is none."""

    def read(field: str, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise InvalidField(field, otherwise)
        return value

    return read


def read_fields(
    given: Mapping[str, object],
    readers: Mapping[str, Reader],
    required: tuple[str, ...] = (),
    together: Callable[[Mapping[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """The fields that were given, as values. Raises InvalidField that names all unknown, missing, bad ones.

    ``together`` gets the values that could be read, and raises InvalidField where they don't go together.
    """
    values: dict[str, Any] = {}
    with all_refusals() as refusals:
        for name in given:
            if name not in readers:
                refusals.add(named(name), f"unknown field; known are {', '.join(readers) or 'none'}")
        for name in required:
            if name not in given:
                refusals.add(name, "is required")
        for name in filter(readers.__contains__, given):
            with refusals.noted():
                values[name] = readers[name](name, given[name])
        if together:
            with refusals.noted():
                together(values)
    return values


def read_wrapped(
    body: object, key: str, read: Callable[[dict[str, Any]], Any], beside: Mapping[str, Reader] = {}
) -> dict[str, Any]:
    """A body that has an object under one key, as in ``{"pod": {...}}``, and what may stand ``beside`` it.

    ``read`` takes the object. Raises InvalidField, in which the object's fields have no path before them.
    """
    read_object = an_object(f'the body must be {{"{key}": {{...}}}}')
    readers = {key: lambda field, value: read(read_object(field, value)), **beside}
    return read_fields(read_object(key, body), readers, required=(key,))


def text(longest: int = 255, empty: bool = False, without: str = "", ascii_only: bool = False) -> Reader:
    """A string without control characters, nor any of those in ``without``."""

    def read(field: str, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidField(field, "must be a string")
        if not value and not empty:
            raise InvalidField(field, "must not be empty")
        if len(value) > longest:
            raise InvalidField(field, f"must have at most {longest} characters, not {len(value)}")

        def may_not(c: str) -> bool:
            return not c.isprintable() or c in without or (ascii_only and not c.isascii())

        wrong = next(filter(may_not, value), None)
        if wrong is not None:
            raise InvalidField(field, f"must not contain {wrong!r}")
        return value

    return read


def an_id(field: str, value: object) -> str:
    """An id, in its usual spelling."""
    return usual_spelling(text()(field, value))


def whole(low: int = 0, high: int = 2**53) -> Reader:
    """A whole number in a range, both ends included."""

    def read(field: str, value: object) -> int:
        # JSON's true is an int to Python.
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidField(field, "must be a whole number")
        if not low <= value <= high:
            raise InvalidField(field, f"must be from {low} to {high}, not {value}")
        return value

    return read


def number(low: float, high: float, above_low: bool = False, below_high: bool = False) -> Reader:
    """A number in a range; an end is excluded by ``above_low`` and ``below_high``."""
    said = (
        f"{'above' if above_low else 'at least'} {low:g} and {'below' if below_high else 'at most'} {high:g}"
    )

    def read(field: str, value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise InvalidField(field, "must be a number")
        enough = value > low if above_low else value >= low
        few = value < high if below_high else value <= high
        if not (enough and few):
            raise InvalidField(field, f"must be {said}, not {value}")
        return float(value)

    return read


def yes_or_no(field: str, value: object) -> bool:
    """JSON's true or false."""
    if not isinstance(value, bool):
        raise InvalidField(field, "must be true or false")
    return value


def one_of(kind: type[StrEnum]) -> Reader:
    """A member of an enumeration by its value."""

    def read(field: str, value: object) -> StrEnum:
        found = next((member for member in kind if member.value == value), None)
        if found is None:
            raise InvalidField(field, f"must be one of {', '.join(kind)}")
        return found

    return read


def nullable(reader: Reader) -> Reader:
    """What another reader takes, or null."""
    return lambda field, value: None if value is None else reader(field, value)


def texts(field: str, value: object) -> frozenset[str]:
    """A list of distinct ids, whose order has no meaning."""
    if not isinstance(value, list):
        raise InvalidField(field, "must be a list of strings")
    if len(value) > MOST_ENTRIES:
        raise InvalidField(field, f"must have at most {MOST_ENTRIES} entries")
    entries = [an_id(field, entry) for entry in value]
    twice = next((entry for index, entry in enumerate(entries) if entry in entries[:index]), None)
    if twice is not None:
        raise InvalidField(field, f"names {twice} more than once")
    return frozenset(entries)


def mapping(reader: Reader, keys: tuple[str, ...] = ()) -> Reader:
    """An object whose values a reader takes; its keys are any text, or one of ``keys``."""
    read_object, read_key = an_object(), text()

    def read_entry(key: str, path: str, held: object) -> Any:
        if keys and key not in keys:
            raise InvalidField(path, f"unknown; known are {', '.join(keys)}")
        read_key(path, key)
        return reader(path, held)

    def read(field: str, value: object) -> dict[str, Any]:
        given = read_object(field, value)
        if len(given) > MOST_ENTRIES:
            raise InvalidField(field, f"must have at most {MOST_ENTRIES} entries")
        entries: dict[str, Any] = {}
        with all_refusals() as refusals:
            for key, held in given.items():
                with refusals.noted():
                    entries[key] = read_entry(key, f"{field}.{named(key)}", held)
        return entries

    return read
