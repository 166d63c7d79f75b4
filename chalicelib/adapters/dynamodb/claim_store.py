"""Claim store: each create takes room from its pod's balance in one conditional write."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError

from chalicelib.adapters.dynamodb.claim_items import (
    Attributes,
    BalanceWrites,
    ClaimItem,
    claimed_name,
    free_name,
    read_balance,
)
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_items import PodItem
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.adapters.dynamodb.transaction import lost_race, transaction
from chalicelib.model.amounts import RESOURCES, Amounts
from chalicelib.model.claim import Balance, Claim, Settlement, minute_of
from chalicelib.model.errors import PodClosed, PodFull
from chalicelib.model.pod import Pod

CONDITION_FAILED = "ConditionalCheckFailedException"


@dataclass(slots=True)
class _Update:
    """An UpdateItem in the making; pynamodb can't name attributes that an item class doesn't declare."""

    sets: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def number(self, name: str, value: int) -> str:
        """Add a number to the values; returns the placeholder that stands for it in an expression."""
        self.values[f":{name}"] = {"N": str(value)}
        return f":{name}"

    def expressions(self) -> dict[str, Any]:
        """The arguments of UpdateItem, but for the table and the key."""
        removal = f" REMOVE {', '.join(self.removed)}" if self.removed else ""
        return {
            "UpdateExpression": f"SET {', '.join(self.sets)}{removal}",
            "ConditionExpression": " AND ".join(self.conditions),
            "ExpressionAttributeValues": self.values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


class DynamoClaimStore:
    """Keeps one item for each pod. A claim is one conditional update, and needs no transaction."""

    def __init__(self, database: Database, patience: Patience = Patience()) -> None:
        """``patience`` says how often calls are repeated; a release is never repeated after a silence."""
        self._database = database
        self._client = database.connection.client
        self._table_name = database.table_name(ClaimItem.noun)
        self._pods = database.table(PodItem)
        self._writes = BalanceWrites(database.table(ClaimItem))
        self._patience = patience
        self._once = replace(patience, silences=1)

    def read(self, pod_id: str) -> Balance | None:
        """A pod's balance, read strongly; None when it has none."""
        reply = self._patience.call(lambda: self._client.get_item(**self._key(pod_id), ConsistentRead=True))
        return read_balance(reply["Item"]) if "Item" in reply else None

    def all(self) -> dict[str, Balance]:
        """Every pod's balance, read strongly."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table_name, ConsistentRead=True)
        items = self._patience.call(lambda: [item for page in pages for item in page["Items"]])
        return {balance.pod_id: balance for balance in map(read_balance, items)}

    def open(self, pod: Pod) -> None:
        """Give a pod a balance if it has none and is still as it was read."""
        try:
            with transaction(self._database) as write:
                write.condition_check(
                    self._pods, pod.pod_id, condition=self._pods.generation == pod.generation
                )
                self._writes.opened_if_missing(write, pod)
        except TransactWriteError as error:
            if not lost_race(error):
                raise

    def claim(self, pod_id: str, need: Amounts, least: Amounts, at: datetime) -> Claim:
        """Take ``need`` if the pod is open and at least ``least`` is free. Raises PodFull, PodClosed.

        A claim whose answer was lost is sent again, so the room may be taken twice until the claim's minute
        ends. That is safe: room is never given out that isn't there.
        """
        claim, update = Claim(pod_id, minute_of(at), need), _Update()
        zero = update.number("zero", 0)
        update.values[":open"] = {"BOOL": True}
        update.conditions.append("is_open = :open")
        for resource, amount, enough in zip(RESOURCES, need, least, strict=True):
            free, claimed = free_name(resource), claimed_name(claim.minute, resource)
            taken = update.number(f"need_{resource}", amount)
            update.sets += [
                f"{free} = {free} - {taken}",
                f"{claimed} = if_not_exists({claimed}, {zero}) + {taken}",
            ]
            update.conditions.append(f"{free} >= {update.number(f'least_{resource}', enough)}")
        refusing = self._refusal(pod_id, update, self._patience)
        if refusing is None:
            return claim
        if not refusing or not (balance := read_balance(refusing)).open:
            raise PodClosed(pod_id, unknown=not refusing)
        raise PodFull(pod_id, balance.free)

    def release(self, claim: Claim) -> bool:
        """Give a claim back; False when its minute has ended already.

        It isn't repeated after a silence, since giving back twice would make room that isn't there. If it was
        lost, the claim ends when a report drops its minute.
        """
        update = _Update()
        for resource, amount in zip(RESOURCES, claim.need, strict=True):
            free, claimed = free_name(resource), claimed_name(claim.minute, resource)
            given = update.number(f"need_{resource}", amount)
            update.sets += [f"{free} = {free} + {given}", f"{claimed} = {claimed} - {given}"]
            update.conditions.append(f"{claimed} >= {given}")
        return self._refusal(claim.pod_id, update, self._once) is None

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False when the balance was settled or limited anew since.

        The dropped minutes must hold what was seen: if a claim was released from one meanwhile, its room is
        free already and must not be freed a second time.
        """
        update = _settling(settled)
        if settled.observed_at is not None:
            update.values[":at"] = {"S": settled.observed_at.isoformat()}
            update.sets.append("observed_at = :at")
        if settled.gathered_in is not None:
            for resource, amount in zip(RESOURCES, settled.gathered, strict=True):
                name = claimed_name(settled.gathered_in, resource)
                update.sets.append(f"{name} = {name} + {update.number(f'gathered_{resource}', amount)}")
        for minute in settled.dropped:
            for resource, amount in zip(RESOURCES, settled.seen.claimed[minute], strict=True):
                name = claimed_name(minute, resource)
                update.conditions.append(f"{name} = {update.number(f's{minute}{resource}', amount)}")
                update.removed.append(name)
        return self._refusal(settled.seen.pod_id, update, self._patience) is None

    def _refusal(self, pod_id: str, update: _Update, patience: Patience) -> Attributes | None:
        """Write. None on success; else the stored item, which failed a condition; empty if there is none."""
        expressions = update.expressions()
        try:
            patience.call(lambda: self._client.update_item(**self._key(pod_id), **expressions))
        except ClientError as error:
            if error.response["Error"]["Code"] != CONDITION_FAILED:
                raise
            item: Attributes = error.response.get("Item", {})
            return item
        return None

    def _key(self, pod_id: str) -> dict[str, Any]:
        return {"TableName": self._table_name, "Key": {"pod_id": {"S": pod_id}}}


def _settling(settled: Settlement) -> _Update:
    seen, update = settled.seen, _Update()
    for resource, amount in zip(RESOURCES, settled.change, strict=True):
        free = free_name(resource)
        update.sets.append(f"{free} = {free} + {update.number(f'change_{resource}', amount)}")
    update.sets.append(f"settlements = {update.number('next', seen.settlements + 1)}")
    update.conditions.append(f"settlements = {update.number('seen', seen.settlements)}")
    update.conditions.append(f"pod_generation = {update.number('generation', seen.generation)}")
    return update
