"""Claim store in memory, with the conditions of DynamoDB's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Balance, Claim, Settlement, minute_of, opening_balance
from chalicelib.model.errors import PodClosed, PodFull
from chalicelib.model.pod import Pod


class MemoryClaimStore:
    """Keeps the balances in a dict. The pod store adds, changes and deletes them with its pods."""

    def __init__(self) -> None:
        self._balances: dict[str, Balance] = {}
        self._lock = Lock()

    def read(self, pod_id: str) -> Balance | None:
        """A pod's balance; None when it has none."""
        return self._balances.get(pod_id)

    def all(self) -> dict[str, Balance]:
        return dict(self._balances)

    def open(self, pod: Pod) -> None:
        """Give a pod a balance if it has none."""
        with self._lock:
            self._balances.setdefault(pod.pod_id, opening_balance(pod))

    def claim(self, pod_id: str, need: Amounts, least: Amounts, at: datetime) -> Claim:
        """Take ``need`` if the pod is open and at least ``least`` is free. Raises PodFull, PodClosed."""
        claim = Claim(pod_id, minute_of(at), need)
        with self._lock:
            balance = self._balances.get(pod_id)
            if balance is None or not balance.open:
                raise PodClosed(pod_id, unknown=balance is None)
            if any(free < enough for free, enough in zip(balance.free, least, strict=True)):
                raise PodFull(pod_id, balance.free)
            claimed = balance.claimed.get(claim.minute, Amounts()) + need
            self._write(balance, balance.free - need, {**balance.claimed, claim.minute: claimed})
        return claim

    def release(self, claim: Claim) -> bool:
        """Give a claim back; False when its minute has ended already."""
        with self._lock:
            balance = self._balances.get(claim.pod_id)
            left = balance.claimed.get(claim.minute) if balance else None
            if balance is None or left is None or any(amount < 0 for amount in left - claim.need):
                return False
            self._write(
                balance, balance.free + claim.need, {**balance.claimed, claim.minute: left - claim.need}
            )
        return True

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False when the balance was settled or limited anew since."""
        seen = settled.seen
        with self._lock:
            now = self._balances.get(seen.pod_id)
            if now is None or (now.settlements, now.generation) != (seen.settlements, seen.generation):
                return False
            if any(now.claimed.get(minute) != seen.claimed[minute] for minute in settled.dropped):
                return False
            observed_at = settled.observed_at or now.observed_at
            after = replace(now, settlements=now.settlements + 1, observed_at=observed_at)
            self._write(after, now.free + settled.change, settled.applied_to(now.claimed))
        return True

    def changed(self, before: Pod, after: Pod) -> None:
        """Fence or open the balance with its changed pod, and move what is free as its limits moved."""
        old, new = opening_balance(before), opening_balance(after)
        with self._lock:
            balance = self._balances.get(after.pod_id, old)
            fenced = replace(balance, open=new.open, generation=new.generation)
            self._write(fenced, balance.free + (new.free - old.free), balance.claimed)

    def closed(self, pod_id: str) -> None:
        """Delete the balance of a pod that is deleted."""
        with self._lock:
            self._balances.pop(pod_id, None)

    def _write(self, balance: Balance, free: Amounts, claimed: Mapping[int, Amounts]) -> None:
        self._balances[balance.pod_id] = replace(balance, free=free, claimed=claimed)
