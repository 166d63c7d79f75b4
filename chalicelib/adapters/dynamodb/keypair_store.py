"""Keypair store: the public halves of users' keys, and from which pods each user's were adopted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from pynamodb.attributes import (
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import save_next
from chalicelib.model.keypair import Keypair, PublicKey

# A name that is over stays for so long, that no process writes it by what it read of an earlier life.
_TTL = timedelta(days=1)
_NAMED = "="  # before a keypair's name, to tell it from the item of what was adopted
_ADOPTED = "adopted"
_DUE = "due"


class ByDue(GlobalSecondaryIndex["KeypairItem"]):
    """Finds the keypairs that are to be cleaned, those first that are due longest."""

    class Meta:
        """Every attribute, so that the clean-up sees what there is to do."""

        index_name = "by-due"
        projection = AllProjection()

    cleaning = UnicodeAttribute(hash_key=True)
    clean_at = UTCDateTimeAttribute(range_key=True)


class KeypairItem(Item):
    """A user's keypair, or the pods that a user's keypairs were adopted from.

    Only a keypair that is to be cleaned has the keys of the index.
    """

    noun = "keypairs"
    user_id = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)
    generation = NumberAttribute(null=True)
    created_at = UTCDateTimeAttribute(null=True)
    number = NumberAttribute(null=True)
    key_type = UnicodeAttribute(null=True)
    public_key = UnicodeAttribute(null=True)
    fingerprint = UnicodeAttribute(null=True)
    imported_in = UnicodeSetAttribute(null=True)
    unsure_in = UnicodeSetAttribute(null=True)
    reserved_until = UTCDateTimeAttribute(null=True)
    pod_ids = UnicodeSetAttribute(null=True)
    expires_at = TTLAttribute(null=True)
    cleaning = UnicodeAttribute(null=True)
    clean_at = UTCDateTimeAttribute(null=True)
    by_due = ByDue()

    def keypair(self) -> Keypair:
        key = self.public_key
        return Keypair(
            user_id=self.user_id,
            name=self.entry.removeprefix(_NAMED),
            created_at=self.created_at,
            number=int(self.number),
            key=None if key is None else PublicKey(self.key_type, key, self.fingerprint),
            imported_in=frozenset(self.imported_in or ()),
            unsure_in=frozenset(self.unsure_in or ()),
            clean_at=self.clean_at,
            reserved_until=self.reserved_until,
            generation=int(self.generation),
        )


class DynamoKeypairStore:
    """Keeps one item for each name of a user. DynamoDB deletes it a day after nothing is left of it."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """``now`` is for the expiry of items."""
        self._database = database
        self._keypairs = database.table(KeypairItem)
        self._now = now

    def get(self, user_id: str, name: str) -> Keypair | None:
        """The keypair of a name, one without a key too, read strongly."""
        try:
            return self._keypairs.get(user_id, _NAMED + name, consistent_read=True).keypair()
        except self._keypairs.DoesNotExist:
            return None

    def of_user(self, user_id: str) -> list[Keypair]:
        """All of a user's keypairs by name, those without a key too, read strongly."""
        named = self._keypairs.entry.startswith(_NAMED)
        return [item.keypair() for item in self._keypairs.query(user_id, named, consistent_read=True)]

    def put(self, keypair: Keypair) -> Keypair:
        """Write if the stored generation is ``keypair.generation``; returns it with the next one.

        Raises GenerationConflict.
        """
        table = self._keypairs
        after = replace(keypair, generation=keypair.generation + 1)
        unchanged = (
            table.generation == keypair.generation if keypair.generation else table.entry.does_not_exist()
        )
        save_next(
            self._database, self._item(after), unchanged, f"keypair {keypair.name} was written meanwhile"
        )
        return after

    def due(self, at: datetime, limit: int) -> list[Keypair]:
        """The keypairs to be cleaned by now, those first that are due longest (eventually consistent)."""
        items = self._keypairs.by_due.query(_DUE, self._keypairs.clean_at <= at, page_size=limit)
        return [item.keypair() for item in islice(items, limit)]

    def adopted_from(self, user_id: str) -> frozenset[str]:
        """The ids of the pods whose keypairs of this user were adopted, read strongly."""
        try:
            item = self._keypairs.get(user_id, _ADOPTED, consistent_read=True)
        except self._keypairs.DoesNotExist:
            return frozenset()
        return frozenset(item.pod_ids or ())

    def adopted(self, user_id: str, pod_ids: Iterable[str]) -> None:
        """Note that the keypairs that these pods have of this user were adopted."""
        self._keypairs(user_id, _ADOPTED).update([self._keypairs.pod_ids.add(set(pod_ids))])

    def _item(self, keypair: Keypair) -> KeypairItem:
        key = keypair.key
        return self._keypairs(
            keypair.user_id,
            _NAMED + keypair.name,
            generation=keypair.generation,
            created_at=keypair.created_at,
            number=keypair.number,
            key_type=key.type if key else None,
            public_key=key.text if key else None,
            fingerprint=key.fingerprint if key else None,
            imported_in=set(keypair.imported_in) or None,
            unsure_in=set(keypair.unsure_in) or None,
            reserved_until=keypair.reserved_until,
            expires_at=self._now() + _TTL if keypair.is_over else None,
            cleaning=_DUE if keypair.clean_at else None,
            clean_at=keypair.clean_at,
        )
