"""Keypair store in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from threading import Lock

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.keypair import Keypair


class MemoryKeypairStore:
    """Keeps the keypairs in a dict, and for each user the pods whose keypairs were adopted."""

    def __init__(self) -> None:
        self._keypairs: dict[tuple[str, str], Keypair] = {}
        self._adopted: dict[str, frozenset[str]] = {}
        self._lock = Lock()

    def get(self, user_id: str, name: str) -> Keypair | None:
        """The keypair of a name, one without a key too."""
        return self._keypairs.get((user_id, name))

    def of_user(self, user_id: str) -> list[Keypair]:
        """All of a user's keypairs by name, those without a key too."""
        mine = (keypair for keypair in self._keypairs.values() if keypair.user_id == user_id)
        return sorted(mine, key=lambda keypair: keypair.name)

    def put(self, keypair: Keypair) -> Keypair:
        """Write if the stored generation is ``keypair.generation``; returns it with the next one.

        Raises GenerationConflict.
        """
        key = keypair.user_id, keypair.name
        with self._lock:
            stored = self._keypairs.get(key)
            if (stored.generation if stored else 0) != keypair.generation:
                raise GenerationConflict(f"keypair {keypair.name} was written meanwhile")
            self._keypairs[key] = after = replace(keypair, generation=keypair.generation + 1)
            return after

    def due(self, at: datetime, limit: int) -> list[Keypair]:
        """The keypairs that are to be cleaned by now, those first that are due longest."""
        waiting = [(x.clean_at, x) for x in self._keypairs.values() if x.clean_at and x.clean_at <= at]
        return [keypair for _, keypair in sorted(waiting, key=lambda one: one[0])][:limit]

    def adopted_from(self, user_id: str) -> frozenset[str]:
        """The ids of the pods whose keypairs of this user were adopted."""
        return self._adopted.get(user_id, frozenset())

    def adopted(self, user_id: str, pod_ids: Iterable[str]) -> None:
        """Note that the keypairs that these pods have of this user were adopted."""
        self._adopted[user_id] = self.adopted_from(user_id) | frozenset(pod_ids)
