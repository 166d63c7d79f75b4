"""Pod number: makes the whole numbers by which a Nova knows its things unique over all pods."""

from __future__ import annotations

from typing import NamedTuple

MOST_PODS = 10_000  # so that an id of Nova's, which has 31 bits, stays one that JSON's readers keep exactly


class OwnId(NamedTuple):
    """What a pod itself calls a thing, and the pod's number."""

    own_id: int
    number: int


def numbered(own_id: int, number: int) -> int:
    """The id that operators see: 30002 is the thing 3 of pod 2."""
    return own_id * MOST_PODS + number


def split(numbered_id: int) -> OwnId:
    """What ``numbered`` put together."""
    return OwnId(*divmod(numbered_id, MOST_PODS))
