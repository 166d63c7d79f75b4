"""JSON values: a field's value as JSON holds it, and back."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn, get_args, get_origin

MOST_LEVELS = 100
MOST_WHOLE = 2**63  # what clients in other languages read as a whole number is below
_MANY_DIGITS = re.compile(r"\d{19}")
_HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_HOLDERS = (dict, list)
_AS_IT_IS = (str, int, float, bool, type(None))  # asked first: most values are, and creates write many


def write_time(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def to_json(value: Any) -> Any:
    """A value as JSON holds it: a set as a sorted list, a tuple as a list of texts or of documents."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [entry if isinstance(entry, str) else entry.document() for entry in value]
    return dict(value) if isinstance(value, Mapping) else value


def from_json(hint: Any) -> Callable[[Any], Any] | None:
    """A function that turns what ``to_json`` made of a type back into it; None where JSON holds it as it is.

    It checks no bounds: what was stored stays readable when bounds become narrower.
    """
    if hint == datetime | None:
        return lambda text: None if text is None else datetime.fromisoformat(text)
    if hint is datetime:
        return datetime.fromisoformat
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if get_origin(hint) is frozenset:
        return frozenset
    if get_origin(hint) is tuple:
        entry = get_args(hint)[0]
        read = entry if entry is str else entry.from_document
        return lambda documents: tuple(map(read, documents))
    return None


def read_json(raw: bytes) -> Any:
    """What a pod's JSON says. Raises ValueError for what some client couldn't read, were it passed on.

    That is what isn't UTF-8, is nested deeply, or has a number that is none, infinite or too large, or half
    of a surrogate pair. Python would read some of it and fail when it writes it.
    """
    text = raw.decode()
    # Few bodies have such digits, in a name or a date, and so most whole numbers are read by C alone.
    whole = _whole if _MANY_DIGITS.search(text) else None
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=whole)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if nests_deeply(value):
        raise ValueError("it is nested too deeply")
    if _HALF_A_PAIR.search(text):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _whole(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) >= MOST_WHOLE:
        _refuse(digits)
    return int(digits)


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        _refuse(text)
    return number


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number[:20]} is no number that can be passed on")


def nests_deeply(value: Any) -> bool:
    """Whether more lists and objects are inside each other than in any document of OpenStack's.

    Python reads far deeper ones, which it then fails to go through or to write.
    """
    level = [value]
    for _ in range(MOST_LEVELS):
        insides = (holder.values() if type(holder) is dict else holder for holder in level)
        level = [each for inside in insides for each in inside if type(each) in _HOLDERS]
        if not level:
            return False
    return True
