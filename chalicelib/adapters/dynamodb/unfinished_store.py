"""Unfinished store: writes for every pod that aren't known to be done. It has no items while all is well."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import transaction
from chalicelib.model.shared_write import UnfinishedWrite


class UnfinishedItem(Item):
    """One call that every pod was to carry out."""

    noun = "unfinished"
    call_id = UnicodeAttribute(hash_key=True)
    title = UnicodeAttribute()
    call = UnicodeAttribute()
    begun_at = UTCDateTimeAttribute()
    request_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    made_id = UnicodeAttribute(null=True)
    fates = UnicodeAttribute(null=True)


class DynamoUnfinishedStore:
    """Keeps one item for each call, until it is done."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writes = database.table(UnfinishedItem)

    def list(self) -> list[UnfinishedWrite]:
        """All of them, the oldest first, read strongly."""
        found = [_write(item) for item in self._writes.scan(consistent_read=True)]
        return sorted(found, key=lambda write: (write.begun_at, write.call_id))

    def put(self, write: UnfinishedWrite) -> None:
        """Write it in place of what is noted of the same call."""
        item = self._writes(
            write.call_id,
            title=write.title,
            call=write.call,
            begun_at=write.begun_at,
            request_id=write.request_id,
            user_id=write.user_id,
            made_id=write.made_id or None,
            fates=write.fates or None,
        )
        with transaction(self._database) as put:
            put.save(item)

    def forget(self, call_id: str) -> None:
        """It is done everywhere, or nothing is left to do."""
        with transaction(self._database) as write:
            write.delete(self._writes(call_id))


def _write(item: UnfinishedItem) -> UnfinishedWrite:
    return UnfinishedWrite(
        call_id=item.call_id,
        title=item.title,
        call=item.call,
        begun_at=item.begun_at,
        request_id=item.request_id,
        user_id=item.user_id,
        made_id=item.made_id or "",
        fates=item.fates or "",
    )
