"""Snapshot store: what creates need of all pods, in one item, or in several where one is too small."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from pynamodb.attributes import BinaryAttribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.snapshot_codec import UnknownForm, pack, unpack
from chalicelib.adapters.dynamodb.transaction import lost_race, transaction
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.snapshot import Snapshot

HEAD = "head"
PART_BYTES = 350_000  # an item has at most 400 KB
READS = 3  # how often to start again when the parts are replaced while we read them
PART_TTL_DAYS = 7  # removes parts whose writer died before it could


class SnapshotItem(Item):
    """The head, which holds the whole snapshot or names its parts by their digest; or one of those parts."""

    noun = "snapshots"
    part = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    parts = NumberAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    expires_at = TTLAttribute(null=True)


class DynamoSnapshotStore:
    """Writes the head last and under a condition, so that readers never see a mixture of two versions."""

    def __init__(self, database: Database, now: Callable[[], datetime], part_bytes: int = PART_BYTES) -> None:
        """``now`` is for the expiry of parts; ``part_bytes`` is the most that one item holds."""
        self._database = database
        self._snapshots = database.table(SnapshotItem)
        self._now, self._part_bytes = now, part_bytes

    def version(self) -> int:
        """The stored version, read strongly; 0 if none was ever written."""
        head = self._item(HEAD)
        return int(head.version or 0) if head else 0

    def get(self) -> Snapshot | None:
        """The snapshot, read strongly; None when there is none that this code can read."""
        for _ in range(READS):
            head = self._item(HEAD)
            packed = self._whole(head) if head else b""
            if packed is not None:
                break
        try:
            return unpack(packed) if packed else None
        except UnknownForm:
            return None

    def put(self, snapshot: Snapshot) -> None:
        """Write a snapshot, if the stored version is one less. Raises GenerationConflict."""
        packed = pack(snapshot)
        before = self._item(HEAD)
        if (int(before.version or 0) if before else 0) != snapshot.version - 1:
            raise _written_since(snapshot)
        written = self._write_parts(packed)
        try:
            self._write_head(snapshot.version, packed, written)
        except TransactWriteError as error:
            if not lost_race(error):
                raise
            # If the winner packed equal pods, our parts have the names of its parts: then they must stay.
            if written != _part_names(self._item(HEAD)):
                self._delete(written)
            raise _written_since(snapshot) from error
        self._delete(_part_names(before))

    def _item(self, name: str) -> SnapshotItem | None:
        try:
            return self._snapshots.get(name, consistent_read=True)
        except self._snapshots.DoesNotExist:
            return None

    def _whole(self, head: SnapshotItem) -> bytes | None:
        """The bytes of the whole snapshot; None when parts are gone, as the head was replaced meanwhile."""
        names = _part_names(head)
        if not names:
            return bytes(head.packed or b"")
        parts = [self._item(name) for name in names]
        found = [bytes(part.packed) for part in parts if part is not None and part.packed]
        return b"".join(found) if len(found) == len(names) else None

    def _write_parts(self, packed: bytes) -> list[str]:
        """Write the parts and return their names; none when the head can hold it all."""
        if len(packed) <= self._part_bytes:
            return []
        starts = range(0, len(packed), self._part_bytes)
        names = _names(_digest(packed), len(starts))
        expires_at = self._expiry()
        for name, start in zip(names, starts, strict=True):
            part = packed[start : start + self._part_bytes]
            self._snapshots(name, packed=part, expires_at=expires_at).save()
        return names

    def _write_head(self, version: int, packed: bytes, parts: list[str]) -> None:
        table = self._snapshots
        head = table(HEAD, version=version)
        if parts:
            head.digest, head.parts = _digest(packed), len(parts)
        else:
            head.packed = packed
        first = table.part.does_not_exist()
        with transaction(self._database) as write:
            write.save(head, first if version == 1 else table.version == version - 1)

    def _expiry(self) -> datetime:
        return self._now() + timedelta(days=PART_TTL_DAYS)

    def _delete(self, names: list[str]) -> None:
        for name in names:
            self._snapshots(name).delete()


def _digest(packed: bytes) -> str:
    return sha256(packed).hexdigest()


def _names(digest: str, count: int) -> list[str]:
    return [f"{digest}#{number}" for number in range(count)]


def _part_names(head: SnapshotItem | None) -> list[str]:
    return _names(head.digest, int(head.parts or 0)) if head and head.digest else []


def _written_since(snapshot: Snapshot) -> GenerationConflict:
    return GenerationConflict(f"The snapshot has no version {snapshot.version - 1} to follow.")
