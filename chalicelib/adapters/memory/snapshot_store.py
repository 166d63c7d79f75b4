"""Snapshot store in memory."""

from __future__ import annotations

from threading import Lock

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.snapshot import Snapshot


class MemorySnapshotStore:
    """Keeps only the last snapshot."""

    def __init__(self) -> None:
        self._held: Snapshot | None = None
        self._lock = Lock()

    def version(self) -> int:
        """The stored version; 0 if none was ever written."""
        return 0 if self._held is None else self._held.version

    def get(self) -> Snapshot | None:
        """The last snapshot; None when there is none."""
        return self._held

    def put(self, snapshot: Snapshot) -> None:
        """Write a snapshot, if the stored version is one less. Raises GenerationConflict."""
        with self._lock:
            if self.version() != snapshot.version - 1:
                raise GenerationConflict(f"The snapshot has no version {snapshot.version - 1} to follow.")
            self._held = snapshot
