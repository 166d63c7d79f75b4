"""Binding store: bindings and their history. DynamoDB decides which of two rival writes wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition

from chalicelib.adapters.dynamodb.binding_items import (
    BindingEventItem,
    BindingItem,
    event_key,
    write_binding,
    write_event,
    zone_group,
)
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.transaction import Write, lost_race, transaction
from chalicelib.model.binding import Binding, BindingChange, BindingEvent, BindingKey
from chalicelib.model.errors import BindingConflict, StoreBusy
from chalicelib.model.page import BindingQuery, BindingRows, Page


class DynamoBindingStore:
    """Writes a binding only if its generation is the one that was read, and an event only once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bindings = database.table(BindingItem)
        self._events = database.table(BindingEventItem)

    def get(self, key: BindingKey) -> Binding | None:
        """The binding, ended or not, read strongly; None if there never was one."""
        try:
            return self._bindings.get(key.project_id, zone_group(key), consistent_read=True).binding()
        except self._bindings.DoesNotExist:
            return None

    def of_project(self, project_id: str, affinity_group: str) -> list[Binding]:
        """The project's active bindings of a group, at most one a zone, by one strongly consistent query."""
        items = self._bindings.query(project_id, consistent_read=True)
        bindings = (item.binding() for item in items)
        return [b for b in bindings if b.is_binding and b.key.affinity_group == affinity_group]

    def commit(self, change: BindingChange, also: Sequence[Write] = ()) -> Binding:
        """Write the binding and its event in one transaction, if the generation before is still stored.

        Raises BindingConflict, carrying the winner, when another request wrote first, and StoreBusy
        when contention or throttling outlasts the retries. If our own write got through and only its
        answer was lost, the stored event shows it, and the change counts as written.
        """
        try:
            self._write(change, also)
        except TransactWriteError as error:
            if not lost_race(error):
                raise
            if not self._is_ours(change):
                raise BindingConflict(self.get(change.after.key)) from error
        except StoreBusy:
            if not self._is_ours(change):
                raise
        return change.after

    def find(self, query: BindingQuery, page: Page = Page()) -> list[Binding]:
        """Bindings that match, sorted by key, for lists that people read.

        It may read an index, which lags behind, so nothing may be decided by it.
        """
        after = BindingKey.parse(page.marker)
        found = (item.binding() for item in self._items(query))
        matching = (b for b in found if query.matches(b) and (after is None or b.key > after))
        return sorted(matching, key=lambda b: b.key)[: page.limit]

    def in_pod(self, pod_id: str, after: str, limit: int) -> BindingRows:
        """A pod's active bindings behind that binding id, as the index has them, which lags behind.

        It reads ``limit`` rows at most, however many the pod has.
        """
        rows = self._bindings.by_pod.query(pod_id, limit=limit, last_evaluated_key=_place(pod_id, after))
        bindings = [item.binding() for item in rows]
        more = rows.last_evaluated_key is not None
        return BindingRows([b for b in bindings if b.is_binding], bindings[-1].key.binding_id if more else "")

    def history(self, key: BindingKey) -> list[BindingEvent]:
        """All events of a binding, oldest first, read strongly."""
        return [item.event(key) for item in self._events.query(event_key(key), consistent_read=True)]

    def _write(self, change: BindingChange, also: Sequence[Write]) -> None:
        with transaction(self._database) as write:
            write.save(write_binding(self._bindings, change.after), self._unchanged(change.after))
            write.save(write_event(self._events, change.event), self._events.generation.does_not_exist())
            for further in also:
                further.join(write)

    def _unchanged(self, after: Binding) -> Condition:
        if after.generation == 1:
            return self._bindings.project_id.does_not_exist()
        return self._bindings.generation == after.generation - 1

    def _is_ours(self, change: BindingChange) -> bool:
        try:
            item = self._events.get(
                event_key(change.after.key), change.after.generation, consistent_read=True
            )
        except self._events.DoesNotExist:
            return False
        return change.is_written_as(item.event(change.after.key))

    def _items(self, query: BindingQuery) -> Iterable[BindingItem]:
        if query.project_id:
            return self._bindings.query(query.project_id)
        if query.pod_id:
            return self._bindings.by_pod.query(query.pod_id)
        if query.az_name:
            return self._bindings.by_zone.query(query.az_name)
        return self._bindings.scan()


def _place(pod_id: str, binding_id: str) -> dict[str, Any] | None:
    """Where a binding is in the index of pods, or was; None for the index's begin."""
    key = BindingKey.parse(binding_id)
    if key is None:
        return None
    place = {"pod_id": pod_id, "project_id": key.project_id, "zone_group": zone_group(key)}
    return {name: {"S": value} for name, value in place.items()}
