"""Lots: who wins among pods that tie, so that projects spread over them and each keeps its lot."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

_BITS = 2**64 - 1


def lot(project: int, pod: int) -> int:
    """A pod's lot in a project's draw, from both their numbers; the lowest wins.

    Drawn the same everywhere and always. A product of two hashes is as good a lot as the hash of
    both, at a tenth of the price: a draw among thousands of pods belongs to each create.
    """
    return project * pod & _BITS


@lru_cache(maxsize=4096)
def project_lot(project_id: str) -> int:
    """A project's number; odd, so that no two pods fall together."""
    return _number(project_id) | 1


@lru_cache(maxsize=65_536)
def pod_lot(pod_id: str) -> int:
    """A pod's number."""
    return _number(pod_id)


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
