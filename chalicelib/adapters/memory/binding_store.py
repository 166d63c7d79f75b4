"""Binding store in memory. As in DynamoDB, a write must name the generation before it."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.adapters.memory.transaction import LOCK, Write, carry_out
from chalicelib.model.binding import Binding, BindingChange, BindingEvent, BindingKey
from chalicelib.model.errors import BindingConflict, GenerationConflict
from chalicelib.model.page import BindingQuery, BindingRows, Page


class MemoryBindingStore:
    """Keeps the bindings in a dict, and a list of events for each."""

    def __init__(self) -> None:
        self._bindings: dict[BindingKey, Binding] = {}
        self._events: dict[BindingKey, list[BindingEvent]] = {}
        self._of_project: dict[tuple[str, str], set[BindingKey]] = {}

    def get(self, key: BindingKey) -> Binding | None:
        """The binding, ended or not; None if there never was one."""
        return self._bindings.get(key)

    def of_project(self, project_id: str, affinity_group: str) -> list[Binding]:
        """The project's active bindings of a group, at most one a zone."""
        keys = sorted(self._of_project.get((project_id, affinity_group), ()))
        return [binding for key in keys if (binding := self._bindings[key]).is_binding]

    def commit(self, change: BindingChange, also: Sequence[Write] = ()) -> Binding:
        """Write the binding and its event together, if the generation before is still stored.

        Raises BindingConflict, carrying the winner, when another request wrote first.
        """
        key = change.after.key
        with LOCK:
            stored = self._bindings.get(key)
            events = self._events.setdefault(key, [])
            if any(change.is_written_as(event) for event in events):
                return change.after
            if (stored.generation if stored else 0) != change.after.generation - 1:
                raise BindingConflict(stored)
            try:
                carry_out(also)
            except GenerationConflict as error:
                # Another write of the transaction is refused, so this one isn't made either.
                raise BindingConflict(stored) from error
            self._bindings[key] = change.after
            # Each create asks for its project's bindings; simulations have too many to go through them all.
            self._of_project.setdefault((key.project_id, key.affinity_group), set()).add(key)
            events.append(change.event)
        return change.after

    def find(self, query: BindingQuery, page: Page = Page()) -> list[Binding]:
        """Bindings that match, sorted by key."""
        after = BindingKey.parse(page.marker)
        matching = (b for b in list(self._bindings.values()) if query.matches(b))
        beyond = (b for b in matching if after is None or b.key > after)
        return sorted(beyond, key=lambda b: b.key)[: page.limit]

    def in_pod(self, pod_id: str, after: str, limit: int) -> BindingRows:
        """A pod's active bindings behind that binding id, sorted by key."""
        rows = self.find(BindingQuery(pod_id=pod_id), Page(limit, after))
        return BindingRows(rows, rows[-1].key.binding_id if len(rows) == limit else "")

    def history(self, key: BindingKey) -> list[BindingEvent]:
        """All events of a binding, oldest first."""
        return list(self._events.get(key, ()))
