"""Claim items: each pod's balance. They are kept small, since every create writes one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.adapters.dynamodb.connection import Item
from chalicelib.model.amounts import RESOURCES, Amounts
from chalicelib.model.claim import Balance, Claim, opening_balance
from chalicelib.model.pod import Pod

Attributes = Mapping[str, Mapping[str, Any]]  # as DynamoDB spells an item
_CLAIM = "claim_"


class ClaimItem(Item):
    """A pod's balance. Its claims, ``claim_<token>``, come and go, so they aren't declared here.

    DynamoDB's conditions can compare numbers but not add them, so what is free is stored, not what is taken.
    """

    noun = "claims"
    pod_id = UnicodeAttribute(hash_key=True)
    is_open = BooleanAttribute()
    pod_generation = NumberAttribute()
    settlements = NumberAttribute()
    observed_at = UnicodeAttribute(null=True)
    free_vcpus = NumberAttribute()
    free_ram_mb = NumberAttribute()
    free_disk_gb = NumberAttribute()
    free_instances = NumberAttribute()


@dataclass(frozen=True, slots=True)
class BalanceWrites:
    """Adds the balance to the transactions that write its pod, so that both are written or neither."""

    table: type[ClaimItem]

    def opened(self, write: Any, pod: Pod) -> None:
        """Write the first balance of a pod that is created."""
        write.save(self._item(pod))

    def opened_if_missing(self, write: Any, pod: Pod) -> None:
        """Write the first balance of a pod that is older than balances; refused when it has one."""
        write.save(self._item(pod), self.table.pod_id.does_not_exist())

    def changed(self, write: Any, before: Pod, after: Pod) -> None:
        """Fence or open the balance with its changed pod, and move what is free as its limits moved."""
        table, old, new = self.table, opening_balance(before), opening_balance(after)
        free = [getattr(table, free_name(resource)) for resource in RESOURCES]
        moves = zip(free, old.free, new.free - old.free, strict=True)
        actions = [room.set((room | start) + move) for room, start, move in moves]
        actions += [table.is_open.set(new.open), table.pod_generation.set(new.generation)]
        actions.append(table.settlements.set(table.settlements | 0))
        write.update(table(after.pod_id), actions=actions)

    def closed(self, write: Any, pod_id: str) -> None:
        """Delete the balance of a pod that is deleted."""
        write.delete(self.table(pod_id))

    def _item(self, pod: Pod) -> ClaimItem:
        balance = opening_balance(pod)
        rooms = zip(RESOURCES, balance.free, strict=True)
        free: dict[str, Any] = {free_name(resource): amount for resource, amount in rooms}
        generation = balance.generation
        return self.table(pod.pod_id, is_open=balance.open, pod_generation=generation, settlements=0, **free)


def free_name(resource: str) -> str:
    """The attribute that says how much of a resource is free."""
    return f"free_{resource}"


def claim_name(token: str) -> str:
    """The attribute that holds a claim."""
    return _CLAIM + token


def write_claim(claim: Claim) -> str:
    """A claim as its attribute holds it; equal claims are equal texts, since conditions compare them."""
    fields = [claim.made_at, [*claim.need], claim.count, sorted(claim.ended)]
    return json.dumps(fields, separators=(",", ":"))


def read_balance(item: Attributes, key_name: str = "pod_id") -> Balance:
    """The balance that an item, as DynamoDB's client gave it, holds."""
    pod_id, observed_at = item[key_name]["S"], item.get("observed_at", {}).get("S")
    claims = (
        _read_claim(pod_id, name.removeprefix(_CLAIM), value["S"])
        for name, value in item.items()
        if name.startswith(_CLAIM)
    )
    return Balance(
        pod_id=pod_id,
        open=item["is_open"]["BOOL"],
        generation=int(item["pod_generation"]["N"]),
        free=Amounts(*(int(item[free_name(resource)]["N"]) for resource in RESOURCES)),
        claims={claim.token: claim for claim in claims},
        settlements=int(item["settlements"]["N"]),
        observed_at=datetime.fromisoformat(observed_at) if observed_at else None,
    )


def _read_claim(pod_id: str, token: str, text: str) -> Claim:
    made_at, need, count, ended = json.loads(text)
    return Claim(pod_id, token, made_at, Amounts(*need), count, frozenset(ended))
