"""Errand codec: what the errand function answers to the API, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalicelib.model.capacity import Refreshed
from chalicelib.model.errors import (
    KeystoneUnavailable,
    NoCredential,
    NotFound,
    PodUnreachable,
    StoreBusy,
    Trio2oError,
    Unavailable,
    Unproven,
)

_PLAIN: Mapping[str, type[Trio2oError]] = {
    kind.__name__: kind for kind in (NoCredential, KeystoneUnavailable, StoreBusy, Unavailable)
}


def write_refreshed(refreshed: Refreshed) -> dict[str, Any]:
    """How one pod's refresh went, as values that JSON can hold."""
    return asdict(refreshed)


def read_refreshed(record: Mapping[str, Any]) -> Refreshed:
    return Refreshed(**record)


def write_error(error: Trio2oError) -> dict[str, Any]:
    """An error of an errand, as values that JSON can hold; the API raises it again."""
    record: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, PodUnreachable):
        record |= {"pod_id": error.pod_id, "sent": error.sent}
    if isinstance(error, NotFound):
        record |= {"noun": error.kind, "resource_id": error.resource_id}
    if isinstance(error, Unproven):
        record |= {"field": error.field}
    return record


def read_error(record: Mapping[str, Any]) -> Trio2oError:
    """The error that ``write_error`` wrote. One of a class that isn't known here becomes an Unavailable."""
    kind, message = record["kind"], record["message"]
    if kind == PodUnreachable.__name__:
        return PodUnreachable(record["pod_id"], message, record["sent"])
    if kind == NotFound.__name__:
        return NotFound(record["noun"], record["resource_id"])
    if kind == Unproven.__name__:
        return Unproven(message, record["field"])
    return _PLAIN.get(kind, Unavailable)(message)
