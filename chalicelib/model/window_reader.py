"""Window reader: maintenance as operators tell it in advance."""

from __future__ import annotations

from datetime import datetime

from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader, an_object, one_of, read_fields, text
from chalicelib.model.refusals import all_refusals, inside_of
from chalicelib.model.window import Repeats, Window

MOST_WINDOWS = 50


def read_windows(field: str, value: object) -> tuple[Window, ...]:
    """A list of windows; a refusal names ``windows[1].end``, and what is wrong in the others too."""
    if not isinstance(value, list):
        raise InvalidField(field, "must be a list of windows")
    if len(value) > MOST_WINDOWS:
        raise InvalidField(field, f"must have at most {MOST_WINDOWS} entries")
    windows: list[Window] = []
    with all_refusals() as refusals:
        for place, entry in enumerate(value):
            with refusals.noted():
                windows.append(_window(f"{field}[{place}]", entry))
    return tuple(windows)


def _window(field: str, value: object) -> Window:
    told = _read_window(field, value)
    with inside_of(field):
        return Window(**read_fields(told, _READERS, required=("start", "end")))


def _moment(field: str, value: object) -> datetime:
    """A time as it is told: with its offset, or without one where a timezone is named."""
    read = text()(field, value)
    try:
        if "T" not in read:
            raise ValueError("a date alone")
        return datetime.fromisoformat(read)
    except ValueError as error:
        example = "2026-02-03T04:05:00+01:00, or 2026-02-03T04:05:00 with a timezone"
        raise InvalidField(field, f"must be an ISO 8601 time, such as {example}") from error


_read_window = an_object("must be an object with start and end")
_READERS: dict[str, Reader] = {
    "start": _moment,
    "end": _moment,
    "timezone": text(empty=True),
    "repeats": one_of(Repeats),
    "reason": text(empty=True),
}
