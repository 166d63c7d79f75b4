"""Trouble store: what went wrong in pods lately. It has no items while all pods are well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import save_next
from chalicelib.model.trouble import Trouble

_TTL = timedelta(days=1)


class TroubleItem(Item):
    """One pod's troubles. Any process may write it, so it is kept apart from items that are written often."""

    noun = "troubles"
    pod_id = UnicodeAttribute(hash_key=True)
    generation = NumberAttribute()
    failed_calls = NumberAttribute()
    first_failed_at = UTCDateTimeAttribute(null=True)
    opened_at = UTCDateTimeAttribute(null=True)
    failed_builds = NumberAttribute()
    builds_at = UTCDateTimeAttribute(null=True)
    expires_at = TTLAttribute()

    def trouble(self) -> Trouble:
        return Trouble(
            pod_id=self.pod_id,
            generation=int(self.generation),
            failed_calls=int(self.failed_calls),
            first_failed_at=self.first_failed_at,
            opened_at=self.opened_at,
            failed_builds=float(self.failed_builds),
            builds_at=self.builds_at,
        )


class DynamoTroubleStore:
    """Keeps one item for each pod in trouble. DynamoDB deletes it a day after it was last written."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """``now`` is for the expiry of items."""
        self._database = database
        self._troubles = database.table(TroubleItem)
        self._now = now

    def list(self) -> list[Trouble]:
        """The troubles of all pods, sorted by pod id, read strongly."""
        found = (item.trouble() for item in self._troubles.scan(consistent_read=True))
        return sorted(found, key=lambda trouble: trouble.pod_id)

    def get(self, pod_id: str) -> Trouble:
        """One pod's troubles, read strongly; a blank Trouble for a pod without any."""
        try:
            return self._troubles.get(pod_id, consistent_read=True).trouble()
        except self._troubles.DoesNotExist:
            return Trouble(pod_id)

    def put(self, trouble: Trouble) -> Trouble:
        """Write if the stored generation is ``trouble.generation``; returns it with the next one.

        Raises GenerationConflict.
        """
        table = self._troubles
        after = replace(trouble, generation=trouble.generation + 1)
        unchanged = (
            table.generation == trouble.generation if trouble.generation else table.pod_id.does_not_exist()
        )
        save_next(
            self._database,
            self._item(after),
            unchanged,
            f"the troubles of {trouble.pod_id} were written meanwhile",
        )
        return after

    def _item(self, trouble: Trouble) -> TroubleItem:
        return self._troubles(
            trouble.pod_id,
            generation=trouble.generation,
            failed_calls=trouble.failed_calls,
            first_failed_at=trouble.first_failed_at,
            opened_at=trouble.opened_at,
            failed_builds=trouble.failed_builds,
            builds_at=trouble.builds_at,
            expires_at=self._now() + _TTL,
        )
