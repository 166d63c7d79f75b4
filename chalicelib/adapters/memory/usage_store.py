"""Usage store in memory."""

from __future__ import annotations

from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import Balance


class MemoryUsageStore(MemoryClaimStore):
    """Keeps the balances of projects as those of pods are kept."""

    def begin(self, holder_id: str, free: Amounts) -> None:
        """Write a holder's first balance; nothing happens when there is one."""
        with self._lock:
            self._balances.setdefault(holder_id, Balance(holder_id, True, 0, free, claims={}))

    def forget(self, holder_id: str) -> None:
        """Delete the balance; nothing happens when there is none."""
        self.closed(holder_id)
