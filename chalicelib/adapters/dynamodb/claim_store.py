"""Claim store: each create takes room from its pod's balance in one conditional write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError

from chalicelib.adapters.dynamodb.claim_items import (
    Attributes,
    BalanceWrites,
    ClaimItem,
    claim_name,
    free_name,
    read_balance,
    write_claim,
)
from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.pod_items import PodItem
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.adapters.dynamodb.transaction import lost_race, transaction
from chalicelib.model.amounts import RESOURCES, Amounts
from chalicelib.model.claim import Balance, Claim, Settlement, Share
from chalicelib.model.errors import PodClosed, PodFull, StoreBusy
from chalicelib.model.pod import Pod

CONDITION_FAILED = "ConditionalCheckFailedException"
MOST_RELEASES = 5  # tries to give a claim back that others change at the same time


@dataclass(slots=True)
class _Update:
    """An UpdateItem in the making; pynamodb can't name attributes that an item class doesn't declare."""

    sets: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def number(self, name: str, value: int) -> str:
        """Add a number to the values; returns the placeholder that stands for it in an expression."""
        self.values[f":{name}"] = {"N": str(value)}
        return f":{name}"

    def add_free(self, change: Amounts) -> None:
        """Change what is free by a difference."""
        for resource, amount in zip(RESOURCES, change, strict=True):
            free = free_name(resource)
            self.sets.append(f"{free} = {free} + {self.number(f'change_{resource}', amount)}")

    def replace_claim(self, token: str, seen: Claim | None, after: Claim | None) -> None:
        """Write a claim, or remove it, if it is still as it was seen; with short names, as 4 KB must do."""
        place = len(self.names)
        name = f"#{place}"
        self.names[name] = claim_name(token)
        if seen is None:
            self.conditions.append(f"attribute_not_exists({name})")
        else:
            self.values[f":s{place}"] = {"S": write_claim(seen)}
            self.conditions.append(f"{name} = :s{place}")
        if after is None:
            self.removed.append(name)
        else:
            self.values[f":a{place}"] = {"S": write_claim(after)}
            self.sets.append(f"{name} = :a{place}")

    def expressions(self) -> dict[str, Any]:
        """The arguments of UpdateItem, but for the table and the key."""
        removal = f" REMOVE {', '.join(self.removed)}" if self.removed else ""
        naming = {"ExpressionAttributeNames": self.names} if self.names else {}
        return {
            "UpdateExpression": f"SET {', '.join(self.sets)}{removal}",
            "ConditionExpression": " AND ".join(self.conditions),
            "ExpressionAttributeValues": self.values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **naming,
        }


class DynamoClaimStore:
    """Keeps one item for each pod. A claim is one conditional update, and needs no transaction.

    Every write names the claims that it changes by their tokens and as they were seen, so a write that is
    repeated after its answer was lost is refused by its own trace.
    """

    noun: ClassVar[str] = ClaimItem.noun
    key_name: ClassVar[str] = "pod_id"  # what the balances of the table are kept by

    def __init__(self, database: Database, patience: Patience = Patience()) -> None:
        """``patience`` says how often calls are repeated."""
        self._database = database
        self._client = database.connection.client
        self._table_name = database.table_name(self.noun)
        self._pods = database.table(PodItem)
        self._writes = BalanceWrites(database.table(ClaimItem))
        self._patience = patience

    def read(self, pod_id: str) -> Balance | None:
        """A pod's balance, read strongly; None when it has none."""
        reply = self._patience.call(lambda: self._client.get_item(**self._key(pod_id), ConsistentRead=True))
        return self._balance(reply["Item"]) if "Item" in reply else None

    def all(self) -> dict[str, Balance]:
        """Every pod's balance, read strongly."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table_name, ConsistentRead=True)
        items = self._patience.call(lambda: [item for page in pages for item in page["Items"]])
        return {balance.pod_id: balance for balance in map(self._balance, items)}

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

    def claim(self, claim: Claim, least: Amounts) -> Claim:
        """Take its need if the pod is open and at least ``least`` is free. Raises PodFull, PodClosed.

        If its token is there, an earlier try had taken the room.
        """
        update = _Update()
        update.values[":open"] = {"BOOL": True}
        update.conditions.append("is_open = :open")
        for resource, enough in zip(RESOURCES, least, strict=True):
            update.conditions.append(f"{free_name(resource)} >= {update.number(f'least_{resource}', enough)}")
        update.add_free(Amounts() - claim.need)
        update.replace_claim(claim.token, None, claim)
        refusing = self._refusal(claim.pod_id, update)
        if refusing is None:
            return claim
        if not refusing:
            raise PodClosed(claim.pod_id, unknown=True)
        balance = self._balance(refusing)
        if claim.token in balance.claims:
            return balance.claims[claim.token]
        if not balance.open:
            raise PodClosed(claim.pod_id, unknown=False)
        raise PodFull(claim.pod_id, balance.free)

    def release(self, claim: Claim) -> None:
        """Give back what is left of a claim; nothing happens when it has ended. Raises StoreBusy."""
        self._give_back(claim.pod_id, claim.token, range(claim.count), seen=claim)

    def release_share(self, share: Share) -> None:
        """Give back one server's part of a claim; nothing happens when it has ended. Raises StoreBusy."""
        balance = self.read(share.pod_id)
        seen = balance.claims.get(share.token) if balance else None
        self._give_back(share.pod_id, share.token, (share.number,), seen)

    def _give_back(self, pod_id: str, token: str, numbers: Iterable[int], seen: Claim | None) -> None:
        for _ in range(MOST_RELEASES):
            after = seen.without(numbers) if seen else None
            if seen is None or after == seen:
                return
            update = _Update()
            update.add_free(seen.left - (after.left if after else Amounts()))
            update.replace_claim(token, seen, after)
            refusing = self._refusal(pod_id, update)
            if refusing is None:
                return
            seen = self._balance(refusing).claims.get(token) if refusing else None
        raise StoreBusy(f"the claim {token} changes too fast to be given back")

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False when the balance was settled or limited anew since.

        The changed claims must be as they were seen: if one was released meanwhile, its room is free already
        and must not be freed a second time.
        """
        seen, update = settled.seen, _Update()
        update.add_free(settled.change)
        update.sets.append(f"settlements = {update.number('next', seen.settlements + 1)}")
        update.conditions.append(f"settlements = {update.number('seen', seen.settlements)}")
        update.conditions.append(f"pod_generation = {update.number('generation', seen.generation)}")
        if settled.observed_at is not None:
            update.values[":at"] = {"S": settled.observed_at.isoformat()}
            update.sets.append("observed_at = :at")
        for token, after in settled.changed.items():
            update.replace_claim(token, seen.claims.get(token), after)
        return self._refusal(seen.pod_id, update) is None

    def _refusal(self, pod_id: str, update: _Update) -> Attributes | None:
        """Write. None on success; else the stored item, which failed a condition; empty if there is none."""
        expressions = update.expressions()
        try:
            self._patience.call(lambda: self._client.update_item(**self._key(pod_id), **expressions))
        except ClientError as error:
            if error.response["Error"]["Code"] != CONDITION_FAILED:
                raise
            item: Attributes = error.response.get("Item", {})
            return item
        return None

    def _key(self, pod_id: str) -> dict[str, Any]:
        return {"TableName": self._table_name, "Key": {self.key_name: {"S": pod_id}}}

    def _balance(self, item: Attributes) -> Balance:
        return read_balance(item, self.key_name)
