"""Intent store: creates from the moment before their pod is told until their servers are known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import Write, lost_race, transaction
from chalicelib.model.errors import GenerationConflict, StoreBusy
from chalicelib.model.intent import Intent, IntentState, KeptAnswer

# All intents that are open would be one partition of the index, which takes a thousand writes a second.
SHARDS = "0123456789abcdef"


class BySettling(GlobalSecondaryIndex["IntentItem"]):
    """Finds the intents whose outcome isn't known, those first that are settled longest."""

    class Meta:
        """Every attribute, so that the reconciler sees what there is to do."""

        index_name = "by-settling"
        projection = AllProjection()

    posting = UnicodeAttribute(hash_key=True)
    settle_at = UTCDateTimeAttribute(range_key=True)


class IntentItem(Item):
    """One create. Only while its outcome isn't known it has the key ``posting`` of the index."""

    noun = "intents"
    slot = UnicodeAttribute(hash_key=True)
    intent_id = UnicodeAttribute()
    project_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    request_id = UnicodeAttribute()
    pod_id = UnicodeAttribute()
    decision_id = UnicodeAttribute()
    made_at = UTCDateTimeAttribute()
    settle_at = UTCDateTimeAttribute()
    servers = NumberAttribute()
    attempt = NumberAttribute()
    key = UnicodeAttribute()
    digest = UnicodeAttribute()
    state = UnicodeAttribute()
    server_ids = UnicodeAttribute(null=True)
    answer = UnicodeAttribute(null=True)
    absent_at = UTCDateTimeAttribute(null=True)
    generation = NumberAttribute()
    posting = UnicodeAttribute(null=True)
    expires_at = TTLAttribute()
    by_settling = BySettling()

    def intent(self) -> Intent:
        return Intent(
            intent_id=self.intent_id,
            project_id=self.project_id,
            user_id=self.user_id,
            request_id=self.request_id,
            pod_id=self.pod_id,
            decision_id=self.decision_id,
            made_at=self.made_at,
            settle_at=self.settle_at,
            count=int(self.servers),
            attempt=int(self.attempt),
            key=self.key,
            digest=self.digest,
            state=IntentState(self.state),
            server_ids=tuple(json.loads(self.server_ids or "[]")),
            answer=KeptAnswer(**json.loads(self.answer)) if self.answer else None,
            absent_at=self.absent_at,
            generation=int(self.generation),
        )


@dataclass(frozen=True, slots=True)
class IntentWrite:
    """Writes an intent in another store's transaction, all of which fails if it was written meanwhile."""

    item: IntentItem
    unchanged: Condition

    def join(self, transaction: Any) -> None:
        """Add itself to a pynamodb TransactWrite."""
        transaction.save(self.item, self.unchanged)


class DynamoIntentStore:
    """Keeps one item for each create, until ``ttl_days`` after it was made, whatever became of it."""

    def __init__(self, database: Database, now: Callable[[], datetime], ttl_days: int = 7) -> None:
        """``now`` decides what has expired, since DynamoDB may delete an expired item days later."""
        self._database = database
        self._intents = database.table(IntentItem)
        self._now = now
        self._ttl = timedelta(days=ttl_days)

    def get(self, slot: str) -> Intent | None:
        """The intent in a slot, read strongly; None when there is none, or it expired."""
        try:
            item = self._intents.get(slot, consistent_read=True)
        except self._intents.DoesNotExist:
            return None
        return item.intent() if item.expires_at > self._now() else None

    def put(self, intent: Intent, also: Sequence[Write] = ()) -> Intent:
        """Write if the stored generation is ``intent.generation``; returns it with the next one.

        Raises GenerationConflict, also when one of the writes that join isn't allowed now. If our own write
        got through and only its answer was lost, the stored intent shows it.
        """
        after = replace(intent, generation=intent.generation + 1)
        try:
            with transaction(self._database) as write:
                self.write(intent).join(write)
                for further in also:
                    further.join(write)
        except TransactWriteError as error:
            if not lost_race(error):
                raise
            if self.get(intent.slot) != after:
                raise GenerationConflict(f"create {intent.intent_id} was written meanwhile") from error
        except StoreBusy:
            if self.get(intent.slot) != after:
                raise
        return after

    def write(self, intent: Intent) -> IntentWrite:
        """The same, as a write that joins a binding's transaction."""
        table = self._intents
        if intent.generation:
            return IntentWrite(self._item(intent), table.generation == intent.generation)
        expired: Condition = table.expires_at <= self._now()
        return IntentWrite(self._item(intent), table.slot.does_not_exist() | expired)

    def posting(self, settled_by: datetime, limit: int, newest: bool = False) -> list[Intent]:
        """Those whose outcome isn't known and that are settled by then, the oldest first, or the ``newest``.

        At most ``limit`` of each shard (eventually consistent).
        """
        table = self._intents
        found = (
            item.intent()
            for shard in SHARDS
            for item in islice(
                table.by_settling.query(
                    shard, table.settle_at <= settled_by, page_size=limit, scan_index_forward=not newest
                ),
                limit,
            )
        )
        return sorted(found, key=lambda intent: intent.settle_at, reverse=newest)[:limit]

    def _item(self, intent: Intent) -> IntentItem:
        answer = intent.answer
        kept = (
            {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
            if answer
            else None
        )
        return self._intents(
            intent.slot,
            intent_id=intent.intent_id,
            project_id=intent.project_id,
            user_id=intent.user_id,
            request_id=intent.request_id,
            pod_id=intent.pod_id,
            decision_id=intent.decision_id,
            made_at=intent.made_at,
            settle_at=intent.settle_at,
            servers=intent.count,
            attempt=intent.attempt,
            key=intent.key,
            digest=intent.digest,
            state=intent.state.value,
            server_ids=json.dumps(intent.server_ids) if intent.server_ids else None,
            answer=json.dumps(kept) if kept else None,
            absent_at=intent.absent_at,
            generation=intent.generation + 1,
            posting=intent.slot[0] if intent.state is IntentState.POSTING else None,
            expires_at=intent.made_at + self._ttl,
        )
