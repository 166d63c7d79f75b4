"""ListOrder: where a row stands in a list of several pods, as far as the row itself shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Position = tuple[Any, ...]
"""What rows are compared by: a value for each key; over pods, then the rank of the row's pod."""


def _as_shown(value: Any) -> Any:
    return value


def folded(value: Any) -> str:
    """A text as MySQL compares it by default: without regard to case, ``_`` after the letters."""
    return str(value).upper()


@dataclass(frozen=True, slots=True)
class SortKey:
    """A key that a service sorts by, and the ``field`` of a row that shows its value.

    ``read`` makes of a field's value what is compared. ``is_sure``: every pod sorts these values as we do.
    Text isn't, since each database has its own collation, nor is a field that some callers don't see.
    ``is_rounded``: the field shows less than the pod sorts by, such as a time without its fractions.
    """

    field: str
    read: Callable[[Any], Any] = _as_shown
    is_sure: bool = False
    is_rounded: bool = False


Key = tuple[SortKey, bool]
"""A sort key, and whether it descends."""


@dataclass(frozen=True, slots=True)
class ListOrder:
    """The ``keys`` by which rows of several pods are compared.

    Rows that are equal by all of them go pod by pod, in each pod's own order; ``descends`` tells in which
    order the pods come, so that a list with every direction turned round is the exact reverse. The keys
    ``beyond`` sort inside a pod alone. ``is_whole`` is False when a key was asked for that no field shows;
    the keys end before it.
    """

    keys: tuple[Key, ...]
    descends: bool
    beyond: tuple[Key, ...] = ()
    is_whole: bool = True

    @property
    def is_sure(self) -> bool:
        """Whether each pod's rows surely come in this order."""
        return all(key.is_sure for key, _ in self.keys)

    def is_shown_by(self, row: Mapping[str, Any]) -> bool:
        """Whether a row shows all that its place depends on."""
        return self.is_whole and all(key.field in row for key, _ in (*self.keys, *self.beyond))

    def position(self, row: Mapping[str, Any], rank: int) -> Position:
        """Where a row stands; of equal rows, that of the pod with the lower rank is first."""
        return (*_values(self.keys, row), rank)

    def position_in_pod(self, row: Mapping[str, Any]) -> Position:
        """Where a row stands among those of its own pod."""
        return _values((*self.keys, *self.beyond), row)


def _values(keys: tuple[Key, ...], row: Mapping[str, Any]) -> Position:
    values = [_comparable(key, row) for key, _ in keys]
    return tuple([_Falling(each) if falls else each for each, (_, falls) in zip(values, keys, strict=True)])


def _comparable(key: SortKey, row: Mapping[str, Any]) -> tuple[int, Any]:
    """A value that compares with any other, whatever a pod shows. Null is the least, as in MySQL."""
    value = row.get(key.field)
    read = None if value is None else key.read(value)
    if read is None:
        return 0, 0
    return (1, read) if isinstance(read, int | float) else (2, str(read))


@dataclass(frozen=True, slots=True)
class _Falling:
    """A value of a key that descends: the greater one comes first."""

    value: tuple[int, Any]

    def __lt__(self, other: _Falling) -> bool:
        return other.value < self.value
