"""Unfinished store in memory."""

from __future__ import annotations

from chalicelib.model.shared_write import UnfinishedWrite


class MemoryUnfinishedStore:
    """Keeps the unfinished writes in a dict."""

    def __init__(self) -> None:
        self._writes: dict[str, UnfinishedWrite] = {}

    def list(self) -> list[UnfinishedWrite]:
        """All of them, the oldest first."""
        return sorted(self._writes.values(), key=lambda write: (write.begun_at, write.call_id))

    def put(self, write: UnfinishedWrite) -> None:
        """Write it in place of what is noted of the same call."""
        self._writes[write.call_id] = write

    def forget(self, call_id: str) -> None:
        """It is done everywhere, or nothing is left to do."""
        self._writes.pop(call_id, None)
