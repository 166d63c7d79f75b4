"""Pod table: what follows from the entries of a pod's fields, for the API, stores, snapshot and docs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

from chalicelib.model.entry import Kept, defaults_of, entries_of
from chalicelib.model.fields import Reader
from chalicelib.model.json_values import from_json, to_json
from chalicelib.model.pod import Pod

ENTRIES = entries_of(Pod)
DEFAULTS = defaults_of(Pod)
# What an operator may set, what of it is required, and what is shown, in this order.
READERS: Mapping[str, Reader] = {name: entry.reader for name, entry in ENTRIES.items() if entry.reader}
REQUIRED = tuple(name for name in READERS if name not in DEFAULTS)
SHOWN = tuple(name for name, entry in ENTRIES.items() if entry.sentence)
# What is stored as the operator's record, and what is joined with it.
RECORDED = tuple(name for name, entry in ENTRIES.items() if not entry.joined)
JOINED = tuple(name for name, entry in ENTRIES.items() if entry.joined)
# Where a snapshot keeps it.
IN_COLUMNS = tuple(name for name, entry in ENTRIES.items() if entry.kept is Kept.IN_COLUMN)
COLD = tuple(name for name, entry in ENTRIES.items() if entry.kept is Kept.COLD)

_HINTS = get_type_hints(Pod)
_MAKERS = {name: make for name in ENTRIES if (make := from_json(_HINTS[name]))}


def write(pod: Pod, names: Iterable[str]) -> dict[str, Any]:
    """Some of a pod's fields, ready for JSON."""
    return {name: to_json(getattr(pod, name)) for name in names}


def read(document: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What ``write`` wrote, as values. Names that it lacks keep their defaults, and others are passed over:
    another version of this code may have written it.
    """
    return {name: _read(name, document[name]) for name in names if name in document}


def _read(name: str, value: Any) -> Any:
    make = _MAKERS.get(name)
    return make(value) if make else value
