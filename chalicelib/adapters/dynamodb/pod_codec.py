"""Pod codec: the operator's record of a pod as JSON, without what the pod reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from chalicelib.model.pod import DiskKind, Pod, PodState
from chalicelib.model.window import Window

REPORTED = frozenset({"capacity", "claimed", "catalogue", "health", "min_microversion", "max_microversion"})
RECORDED = tuple(f.name for f in fields(Pod) if f.init and f.name not in REPORTED)

_READERS: dict[str, Callable[[Any], Any]] = {
    "created_at": datetime.fromisoformat,
    "state": PodState,
    "disk": DiskKind,
    "allowed_project_ids": frozenset,
    "denied_project_ids": frozenset,
    "windows": lambda documents: tuple(map(Window.from_document, documents)),
}


def write_pod(pod: Pod) -> dict[str, Any]:
    """What an operator set, ready for JSON."""
    return {name: _plain(getattr(pod, name)) for name in RECORDED}


def read_pod(record: Mapping[str, Any], **reported: Any) -> Pod:
    """The pod of a record, with what it ``reported``; keys that a later version wrote are passed over."""
    known = {name: record[name] for name in RECORDED if name in record}
    return Pod(**{name: _READERS.get(name, _as_it_is)(value) for name, value in known.items()}, **reported)


def _as_it_is(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [window.document() for window in value]
    return dict(value) if isinstance(value, Mapping) else value
