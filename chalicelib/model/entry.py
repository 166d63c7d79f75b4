"""Entry: what is said of a record's field in the one place where the field is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar, cast

from chalicelib.model.fields import Reader

T = TypeVar("T")

ENTRY = "entry"  # its name among the metadata of a dataclass's field


class Kept(Enum):
    """Where a snapshot keeps a field of a pod.

    BY_KIND: once for each kind of pods, for what filters and weighers look at. IN_COLUMN: in a column of its
    own that ``model/columns.py`` knows by name. COLD: apart from both, for what no filter or weigher
    looks at.
    """

    BY_KIND = "by kind"
    IN_COLUMN = "in a column"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class Entry:
    """How a field is read, written, kept and explained.

    ``reader`` takes what an operator sets; without one the field is read only. ``sentence`` is the
    field's meaning in the operator's guide; the API doesn't show a field without one. A ``joined``
    field isn't stored in the record, but read from elsewhere: a pod's from its report and its claims.
    """

    reader: Reader | None = None
    sentence: str = ""
    kept: Kept = Kept.BY_KIND
    joined: bool = False


def entry(
    default: T,
    reader: Reader | None = None,
    sentence: str = "",
    kept: Kept = Kept.BY_KIND,
    joined: bool = False,
) -> T:
    """A dataclass's field with its default and its entry; the default's type must be the field's.

    A field without a default is ``field(metadata={ENTRY: Entry(...)})``, which mypy sees to be required.
    """
    metadata = {ENTRY: Entry(reader, sentence, kept, joined)}
    if isinstance(default, dict):  # records must not share one dict
        return cast(T, field(default_factory=default.copy, metadata=metadata))
    return field(default=default, metadata=metadata)


def entries_of(record: type) -> Mapping[str, Entry]:
    """The entries of a dataclass's fields by their names, in the order of declaration."""
    return {f.name: f.metadata[ENTRY] for f in fields(record) if f.init}


def defaults_of(record: type) -> Mapping[str, Any]:
    """The defaults of a dataclass's fields; those that have none are missing."""
    return {
        f.name: f.default if f.default_factory is MISSING else f.default_factory()
        for f in fields(record)
        if f.init and (f.default, f.default_factory) != (MISSING, MISSING)
    }
