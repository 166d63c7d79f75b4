"""Lease store: who observes all pods now. It is an item beside the snapshot, which a refresh writes too."""

from __future__ import annotations

from datetime import datetime

from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.snapshot_store import SnapshotItem
from chalicelib.adapters.dynamodb.transaction import written

LEASE = "lease"


class DynamoLeaseStore:
    """Keeps one item while the lease is taken. Its expiry says until when, to the second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leases = database.table(SnapshotItem)

    def take(self, at: datetime, until: datetime) -> bool:
        """Take the lease if it is free ``at`` this moment; False when another process has it."""
        table = self._leases
        free = table.part.does_not_exist() | (table.expires_at <= at)
        return written(self._database, lambda write: write.save(table(LEASE, expires_at=until), free))

    def give_back(self, until: datetime) -> None:
        """End the lease that was taken ``until`` then; one that another process has taken since stays."""
        ours = self._leases.expires_at == until
        written(self._database, lambda write: write.delete(self._leases(LEASE), ours))
