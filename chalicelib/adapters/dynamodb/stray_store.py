"""Stray store: servers that creates left behind. It has no items while all is well."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import written
from chalicelib.model.stray import Stray


class StrayItem(Item):
    """One server that its create's intent doesn't count among its own."""

    noun = "strays"
    server_id = UnicodeAttribute(hash_key=True)
    pod_id = UnicodeAttribute()
    project_id = UnicodeAttribute()
    name = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    seen_at = UTCDateTimeAttribute()
    marker = UnicodeAttribute()
    fits = BooleanAttribute()


class DynamoStrayStore:
    """Keeps one item for each stray, until it is gone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._strays = database.table(StrayItem)

    def list(self) -> list[Stray]:
        """All of them, those first that were seen first, read strongly."""
        found = [_stray(item) for item in self._strays.scan(consistent_read=True)]
        return sorted(found, key=lambda stray: (stray.seen_at, stray.server_id))

    def put(self, stray: Stray) -> None:
        """Note one; one that is noted already stays as it is."""
        item = self._strays(
            stray.server_id,
            pod_id=stray.pod_id,
            project_id=stray.project_id,
            name=stray.name,
            created_at=stray.created_at,
            seen_at=stray.seen_at,
            marker=stray.marker,
            fits=stray.fits,
        )
        written(self._database, lambda write: write.save(item, self._strays.server_id.does_not_exist()))

    def forget(self, server_id: str) -> None:
        """It is gone, or somebody's; nothing happens when it isn't noted."""
        written(self._database, lambda write: write.delete(self._strays(server_id)))


def _stray(item: StrayItem) -> Stray:
    return Stray(
        server_id=item.server_id,
        pod_id=item.pod_id,
        project_id=item.project_id,
        name=item.name,
        created_at=item.created_at,
        seen_at=item.seen_at,
        marker=item.marker,
        fits=item.fits,
    )
