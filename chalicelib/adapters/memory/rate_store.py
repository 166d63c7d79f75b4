"""Rate store in memory."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime


class MemoryRateStore:
    """Keeps the counts in a dict."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def report(self, window_id: str, process_id: str, count: int, until: datetime) -> int:
        """Keep what a process counted in a window so far; returns what all counted."""
        self._counts[window_id][process_id] = count
        return sum(self._counts[window_id].values())
