"""Trouble store in memory."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.trouble import Trouble


class MemoryTroubleStore:
    """Keeps the troubles of each pod in a dict."""

    def __init__(self) -> None:
        self._troubles: dict[str, Trouble] = {}
        self._lock = Lock()

    def list(self) -> list[Trouble]:
        """The troubles of all pods, sorted by pod id."""
        return [self._troubles[pod_id] for pod_id in sorted(self._troubles)]

    def get(self, pod_id: str) -> Trouble:
        """One pod's troubles; a blank Trouble for a pod without any."""
        return self._troubles.get(pod_id, Trouble(pod_id))

    def put(self, trouble: Trouble) -> Trouble:
        """Write if the stored generation is ``trouble.generation``; returns it with the next one.

        Raises GenerationConflict.
        """
        with self._lock:
            if self.get(trouble.pod_id).generation != trouble.generation:
                raise GenerationConflict(f"the troubles of {trouble.pod_id} were written meanwhile")
            after = replace(trouble, generation=trouble.generation + 1)
            self._troubles[trouble.pod_id] = after
            return after
