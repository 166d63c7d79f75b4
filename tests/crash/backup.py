"""Backup: what the stores held at a moment, and their return to it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from chalicelib import wiring

KEPT = (dict, list, set, datetime, int)
_OBSERVED = (
    "pods", "snapshots", "capacities", "decisions", "profiles", "numbers", "jobs", "queue",
    "client", "reader", "tokens", "servers", "flavors", "resources", "directory", "clock", "ids",
)  # fmt: skip
_LOST = ("intents", "locations", "bindings", "projects", "decisions", "claims", "usages")


@dataclass(frozen=True)
class Backup:
    """The tables that an operator restores; the pods' record and their capacity stay as they are."""

    stores: wiring.Adapters
    held: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, stores: wiring.Adapters) -> Backup:
        names = [name for name in _LOST if hasattr(stores, name)]
        return cls(stores, {name: _contents(getattr(stores, name)) for name in names})

    def restore(self) -> None:
        for name, held in self.held.items():
            store = getattr(self.stores, name)
            for key, value in _copied(held).items():
                setattr(store, key, value)


def contents_of(stores: wiring.Adapters) -> dict[str, dict[str, Any]]:
    """What the memory stores hold by which a world goes on, by the names of their ports."""
    names = [field.name for field in fields(stores) if hasattr(getattr(stores, field.name), "__dict__")]
    return {name: _contents(getattr(stores, name)) for name in names if name not in _OBSERVED}


def _contents(store: Any) -> dict[str, Any]:
    return _copied({key: value for key, value in vars(store).items() if isinstance(value, KEPT)})


def _copied(held: dict[str, Any]) -> dict[str, Any]:
    """Their rows are frozen, so that only dicts, lists and sets of them are copied."""
    return {key: _copy(value) for key, value in held.items()}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_copy(inner) for inner in value]
    return set(value) if isinstance(value, set) else value
