"""Usage store: what projects use of their quotas, as balances that are kept like those of pods."""

from __future__ import annotations

from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.adapters.dynamodb.claim_items import free_name
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import transaction, written
from chalicelib.model.amounts import RESOURCES, Amounts


class UsageItem(Item):
    """A holder's balance, with the attributes of a pod's (``ClaimItem``)."""

    noun = "usages"
    holder_id = UnicodeAttribute(hash_key=True)
    is_open = BooleanAttribute()
    pod_generation = NumberAttribute()
    settlements = NumberAttribute()
    free_vcpus = NumberAttribute()
    free_ram_mb = NumberAttribute()
    free_disk_gb = NumberAttribute()
    free_instances = NumberAttribute()


class DynamoUsageStore(DynamoClaimStore):
    """Keeps one item for each project, and for each user with limits of his own."""

    noun: ClassVar[str] = UsageItem.noun
    key_name: ClassVar[str] = "holder_id"

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._usages = database.table(UsageItem)

    def begin(self, holder_id: str, free: Amounts) -> None:
        """Write a holder's first balance; nothing happens when there is one."""
        rooms = zip(RESOURCES, free, strict=True)
        room: dict[str, Any] = {free_name(resource): amount for resource, amount in rooms}
        item = self._usages(holder_id, is_open=True, pod_generation=0, settlements=0, **room)
        missing = self._usages.holder_id.does_not_exist()
        written(self._database, lambda write: write.save(item, missing))

    def forget(self, holder_id: str) -> None:
        """Delete the balance; nothing happens when there is none."""
        with transaction(self._database) as write:
            write.delete(self._usages(holder_id))
