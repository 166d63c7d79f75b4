"""Profile document: the types of what an operator writes; what it means is checked by Profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from chalicelib.model.errors import InvalidField

NUMBERS = (
    "bind_watermark",
    "keep_watermark",
    "large_request_share",
    "tie_margin",
    "rebind_after_seconds",
    "max_age_seconds",
    "worst_failed_builds",
)


def read(document: object) -> dict[str, Any]:
    """A document's fields, each of the right type.

    Raises InvalidField with the path of the first field that is unknown or of a wrong type.
    """
    if not isinstance(document, Mapping):
        raise InvalidField("profile", "must be an object")
    return {key: _reader(key)(key, value) for key, value in document.items()}


def _reader(key: object) -> Callable[[str, object], Any]:
    reader = _READERS.get(str(key))
    if reader is None:
        raise InvalidField(str(key), f"is not a field of a profile; those are {', '.join(_READERS)}")
    return reader


def _text(path: str, value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise InvalidField(path, "must be a text of 1 to 255 characters")
    return value


def _whole(path: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidField(path, "must be a whole number")
    return value


def number(path: str, value: object) -> float:
    """A finite number; true and false are none. Raises InvalidField."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidField(path, "must be a number")
    try:
        read_number = float(value)
    except OverflowError:  # a whole number with hundreds of digits
        read_number = float("inf")
    if not isfinite(read_number):
        raise InvalidField(path, "must be a finite number")
    return read_number


def _names(path: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidField(path, "must be a list of names")
    return tuple(_text(f"{path}.{place}", name) for place, name in enumerate(value))


def _multipliers(path: str, value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise InvalidField(path, "must be an object of multipliers by weigher")
    return {str(name): number(f"{path}.{name}", multiplier) for name, multiplier in value.items()}


_READERS: dict[str, Callable[[str, object], Any]] = {
    "name": _text,
    "version": _whole,
    "based_on": _text,
    "filters": _names,
    "weighers": _multipliers,
    "tie_break": _text,
    **dict.fromkeys(NUMBERS, number),
}
