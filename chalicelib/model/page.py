"""Listing: which bindings are asked for, and which page of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.model.binding import Binding
from chalicelib.model.errors import InvalidField

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: at most ``limit`` rows after the row whose id is ``marker``."""

    limit: int = 1000
    marker: str = ""

    def after_marker(
        self, rows: Sequence[T], id_of: Callable[[T], str], noun: str = "row of this list"
    ) -> Sequence[T]:
        """The rows that follow the marker's, of any number. Raises InvalidField when no row has that id."""
        if not self.marker:
            return rows
        for n, row in enumerate(rows, 1):
            if id_of(row) == self.marker:
                return rows[n:]
        raise InvalidField("marker", f"no {noun} has the id {self.marker}")


@dataclass(frozen=True, slots=True)
class BindingRows:
    """The active bindings among some rows. More may follow behind the id ``last``; nothing if it is empty."""

    bindings: Sequence[Binding]
    last: str


@dataclass(frozen=True, slots=True)
class BindingQuery:
    """Which bindings to list; empty matches all. ``active`` None lists ended ones too."""

    project_id: str = ""
    az_name: str = ""
    affinity_group: str = ""
    pod_id: str = ""
    active: bool | None = True

    def matches(self, binding: Binding) -> bool:
        """Whether a binding is among those asked for."""
        asked = (*zip(self._key, binding.key, strict=True), (self.pod_id, binding.pod_id))
        wanted = all(want in ("", found) for want, found in asked)
        return wanted and self.active in (None, binding.is_binding)

    @property
    def _key(self) -> tuple[str, str, str]:
        return (self.project_id, self.az_name, self.affinity_group)
