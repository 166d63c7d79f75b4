"""Kinds of pods: what many pods share, so that it is kept once and judged once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import COLD, ENTRIES, IN_COLUMNS

_BLANK = Pod("", "", created_at=datetime(1970, 1, 1, tzinfo=UTC))
_BLANKED = {name: getattr(_BLANK, name) for name in (*IN_COLUMNS, *COLD)}
_shared = attrgetter(*(name for name in ENTRIES if name not in _BLANKED))


def kind(pod: Pod) -> Pod:
    """What a pod shares with its kind of pods, such as zone, tags and flavors; all else is left blank."""
    return replace(pod, **_BLANKED)


def numbered(pods: Iterable[Pod]) -> tuple[list[Pod], list[int]]:
    """The kinds among some pods, in the order of their first pod, and the number of each pod's kind."""
    kinds: list[Pod] = []
    numbers: list[int] = []
    alike: dict[str, list[tuple[int, Any]]] = {}
    for pod in pods:
        mine = _shared(pod)
        # What is shared holds mappings and so has no hash; those few that have this key are compared.
        rivals = alike.setdefault(f"{pod.az_name}#{pod.state}#{pod.headroom}", [])
        number = next((number for number, theirs in rivals if theirs == mine), None)
        if number is None:
            number = len(kinds)
            rivals.append((number, mine))
            kinds.append(kind(pod))
        numbers.append(number)
    return kinds, numbers
