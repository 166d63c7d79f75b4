"""Pod number store in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock


class MemoryPodNumberStore:
    """Keeps the numbers in a dict."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lock = Lock()

    def of(self, pod_ids: Iterable[str]) -> Mapping[str, int]:
        """Every number that was ever given, after each of these pods has got one."""
        with self._lock:
            for pod_id in pod_ids:
                self._numbers.setdefault(pod_id, len(self._numbers) + 1)
            return dict(self._numbers)
