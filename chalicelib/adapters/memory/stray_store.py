"""Stray store in memory."""

from __future__ import annotations

from chalicelib.model.stray import Stray


class MemoryStrayStore:
    """Keeps the strays in a dict."""

    def __init__(self) -> None:
        self._strays: dict[str, Stray] = {}

    def list(self) -> list[Stray]:
        """All of them, those first that were seen first."""
        return sorted(self._strays.values(), key=lambda stray: (stray.seen_at, stray.server_id))

    def put(self, stray: Stray) -> None:
        """Note one; one that is noted already stays as it is."""
        self._strays.setdefault(stray.server_id, stray)

    def forget(self, server_id: str) -> None:
        """It is gone, or somebody's."""
        self._strays.pop(server_id, None)
