"""Lots: which of several equally good pods a project gets. Projects spread, and each keeps its pod."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

_BITS = 2**64 - 1


def lot(project: int, pod: int) -> int:
    """A pod's lot in a project's draw, from both their numbers; the lowest wins.

    Every process draws the same. The product of two hashes spreads projects as well as a hash of both does,
    and costs a tenth of it: each create may have to draw among thousands of pods.
    """
    return project * pod & _BITS


@lru_cache(maxsize=4096)
def project_lot(project_id: str) -> int:
    """The number that a project brings to its draws. It is odd, so that two pods never get the same lot."""
    return _number(project_id) | 1


@lru_cache(maxsize=65_536)
def pod_lot(pod_id: str) -> int:
    """The number that a pod brings to every project's draw."""
    return _number(pod_id)


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
