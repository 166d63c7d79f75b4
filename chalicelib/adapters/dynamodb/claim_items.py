"""Claim items: each pod's balance, small and hot, since every create writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.adapters.dynamodb.connection import Item
from chalicelib.model.claim import Balance, opening_balance
from chalicelib.model.pod import Pod
from chalicelib.model.resources import RESOURCES, Amounts

Attributes = Mapping[str, Mapping[str, Any]]  # as DynamoDB spells an item
_CLAIMED = "claimed_"


class ClaimItem(Item):
    """A pod's balance, all but its ``claimed_<minute>_<resource>`` numbers, which come and go.

    Conditions can't add, so what is free is stored, and not what is taken.
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
    """The balance's part in the transactions that write a pod: never one without the other."""

    table: type[ClaimItem]

    def opened(self, write: Any, pod: Pod) -> None:
        """A pod is created."""
        write.save(self._item(pod))

    def opened_if_missing(self, write: Any, pod: Pod) -> None:
        """A pod is there already, and may have a balance."""
        write.save(self._item(pod), self.table.pod_id.does_not_exist())

    def changed(self, write: Any, before: Pod, after: Pod) -> None:
        """A pod is written: the fence goes up or down with it, and its limits move what is free."""
        table, old, new = self.table, opening_balance(before), opening_balance(after)
        free = [getattr(table, free_name(resource)) for resource in RESOURCES]
        moves = zip(free, old.free, new.free - old.free, strict=True)
        actions = [room.set((room | start) + move) for room, start, move in moves]
        actions += [table.is_open.set(new.open), table.pod_generation.set(new.generation)]
        actions.append(table.settlements.set(table.settlements | 0))
        write.update(table(after.pod_id), actions=actions)

    def closed(self, write: Any, pod_id: str) -> None:
        """A pod is deleted."""
        write.delete(self.table(pod_id))

    def _item(self, pod: Pod) -> ClaimItem:
        balance = opening_balance(pod)
        rooms = zip(RESOURCES, balance.free, strict=True)
        free: dict[str, Any] = {free_name(resource): amount for resource, amount in rooms}
        generation = balance.generation
        return self.table(pod.pod_id, is_open=balance.open, pod_generation=generation, settlements=0, **free)


def free_name(resource: str) -> str:
    """The attribute with what is free of a resource."""
    return f"free_{resource}"


def claimed_name(minute: int, resource: str) -> str:
    """The attribute with what was claimed of a resource in a minute."""
    return f"{_CLAIMED}{minute}_{resource}"


def read_balance(item: Attributes) -> Balance:
    """An item as it was read."""
    numbers = {name: int(value["N"]) for name, value in item.items() if "N" in value}
    minutes = {int(name.split("_")[1]) for name in numbers if name.startswith(_CLAIMED)}
    observed_at = item.get("observed_at", {}).get("S")
    return Balance(
        pod_id=item["pod_id"]["S"],
        open=item["is_open"]["BOOL"],
        generation=numbers["pod_generation"],
        free=Amounts(*(numbers[free_name(resource)] for resource in RESOURCES)),
        claimed={minute: _claimed(numbers, minute) for minute in sorted(minutes)},
        settlements=numbers["settlements"],
        observed_at=datetime.fromisoformat(observed_at) if observed_at else None,
    )


def _claimed(numbers: Mapping[str, int], minute: int) -> Amounts:
    return Amounts(*(numbers.get(claimed_name(minute, resource), 0) for resource in RESOURCES))
