"""Usage store: what projects use of their quotas, as balances that are kept like those of pods."""

from __future__ import annotations

from typing import Any, ClassVar

from botocore.exceptions import ClientError
from pynamodb.attributes import UnicodeAttribute

from chalicelib.adapters.dynamodb.claim_items import free_name
from chalicelib.adapters.dynamodb.claim_store import CONDITION_FAILED, DynamoClaimStore
from chalicelib.adapters.dynamodb.connection import Item
from chalicelib.model.amounts import RESOURCES, Amounts


class UsageItem(Item):
    """A holder's balance, with the attributes of a pod's (``ClaimItem``)."""

    noun = "usages"
    holder_id = UnicodeAttribute(hash_key=True)


class DynamoUsageStore(DynamoClaimStore):
    """Keeps one item for each project, and for each user with limits of his own."""

    noun: ClassVar[str] = UsageItem.noun
    key_name: ClassVar[str] = "holder_id"

    def begin(self, holder_id: str, free: Amounts) -> None:
        """Write a holder's first balance; nothing happens when there is one."""
        item: dict[str, Any] = {
            self.key_name: {"S": holder_id},
            "is_open": {"BOOL": True},
            "pod_generation": {"N": "0"},
            "settlements": {"N": "0"},
        }
        rooms = zip(RESOURCES, free, strict=True)
        item.update({free_name(resource): {"N": str(amount)} for resource, amount in rooms})
        missing = f"attribute_not_exists({self.key_name})"
        try:
            self._patience.call(
                lambda: self._client.put_item(
                    TableName=self._table_name, Item=item, ConditionExpression=missing
                )
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != CONDITION_FAILED:
                raise

    def forget(self, holder_id: str) -> None:
        """Delete the balance; nothing happens when there is none."""
        self._patience.call(lambda: self._client.delete_item(**self._key(holder_id)))
