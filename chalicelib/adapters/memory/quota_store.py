"""Quota store in memory."""

from __future__ import annotations

from threading import Lock

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.quota import Holder, QuotaSet


class MemoryQuotaStore:
    """Keeps each holder's limits."""

    def __init__(self) -> None:
        self._kept: dict[Holder, QuotaSet] = {}
        self._lock = Lock()

    def get(self, holder: Holder) -> QuotaSet:
        """A holder's limits; empty, of generation 0, when none were ever written."""
        return self._kept.get(holder, QuotaSet(holder))

    def of_project(self, project_id: str) -> list[QuotaSet]:
        """What was written for a project and for its users."""
        return [kept for holder, kept in self._kept.items() if holder.project_id == project_id]

    def put(self, quota: QuotaSet) -> None:
        """Write ``quota.generation`` if the stored one is one less. Raises GenerationConflict."""
        with self._lock:
            if self.get(quota.holder).generation != quota.generation - 1:
                raise GenerationConflict("The quota was written since it was read.")
            self._kept[quota.holder] = quota

    def note(self, quota: QuotaSet) -> None:
        """Keep which pods were given these limits, unless others were written since."""
        with self._lock:
            if self.get(quota.holder).generation == quota.generation:
                self._kept[quota.holder] = quota

    def list(self) -> list[QuotaSet]:
        """All that was ever written."""
        return list(self._kept.values())
