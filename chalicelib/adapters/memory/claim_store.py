"""Claim store in memory, with the conditions of DynamoDB's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from threading import Lock

from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Balance, Claim, Settlement, Share, opening_balance
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

    def claim(self, claim: Claim, least: Amounts) -> Claim:
        """Take its need if the pod is open and at least ``least`` is free. Raises PodFull, PodClosed."""
        with self._lock:
            balance = self._balances.get(claim.pod_id)
            if balance is not None and claim.token in balance.claims:
                return balance.claims[claim.token]
            if balance is None or not balance.open:
                raise PodClosed(claim.pod_id, unknown=balance is None)
            if any(free < enough for free, enough in zip(balance.free, least, strict=True)):
                raise PodFull(claim.pod_id, balance.free)
            self._write(balance, balance.free - claim.need, {**balance.claims, claim.token: claim})
        return claim

    def release(self, claim: Claim) -> None:
        """Give back what is left of a claim; nothing happens when it has ended."""
        self._give_back(claim.pod_id, claim.token, range(claim.count))

    def release_share(self, share: Share) -> None:
        """Give back one server's part of a claim; nothing happens when it has ended."""
        self._give_back(share.pod_id, share.token, (share.number,))

    def _give_back(self, pod_id: str, token: str, numbers: Iterable[int]) -> None:
        with self._lock:
            balance = self._balances.get(pod_id)
            seen = balance.claims.get(token) if balance else None
            if balance is None or seen is None:
                return
            after = seen.without(numbers)
            claims = {name: claim for name, claim in balance.claims.items() if name != token}
            freed = seen.left - (after.left if after else Amounts())
            self._write(balance, balance.free + freed, {**claims, token: after} if after else claims)

    def settle(self, settled: Settlement) -> bool:
        """Write what an observation changes; False when the balance was settled or limited anew since."""
        seen = settled.seen
        with self._lock:
            now = self._balances.get(seen.pod_id)
            if now is None or (now.settlements, now.generation) != (seen.settlements, seen.generation):
                return False
            if any(now.claims.get(token) != seen.claims.get(token) for token in settled.changed):
                return False
            observed_at = settled.observed_at or now.observed_at
            after = replace(now, settlements=now.settlements + 1, observed_at=observed_at)
            self._write(after, now.free + settled.change, settled.applied_to(now.claims))
        return True

    def changed(self, before: Pod, after: Pod) -> None:
        """Fence or open the balance with its changed pod, and move what is free as its limits moved."""
        old, new = opening_balance(before), opening_balance(after)
        with self._lock:
            balance = self._balances.get(after.pod_id, old)
            fenced = replace(balance, open=new.open, generation=new.generation)
            self._write(fenced, balance.free + (new.free - old.free), balance.claims)

    def closed(self, pod_id: str) -> None:
        """Delete the balance of a pod that is deleted."""
        with self._lock:
            self._balances.pop(pod_id, None)

    def _write(self, balance: Balance, free: Amounts, claims: Mapping[str, Claim]) -> None:
        self._balances[balance.pod_id] = replace(balance, free=free, claims=claims)
