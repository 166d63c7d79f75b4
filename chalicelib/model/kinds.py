"""Kinds of pods: what many pods share, so that it is kept once and judged once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import COLD, IN_COLUMNS

_BLANK = Pod("", "", created_at=datetime(1970, 1, 1, tzinfo=UTC))
_BLANKED = {name: getattr(_BLANK, name) for name in (*IN_COLUMNS, *COLD)}


def kind(pod: Pod) -> Pod:
    """What a pod shares with its kind of pods, such as zone, tags and flavors; all else is left blank."""
    return replace(pod, **_BLANKED)


def numbered(pods: Iterable[Pod]) -> tuple[list[Pod], list[int]]:
    """The kinds among some pods, in the order of their first pod, and the number of each pod's kind."""
    found: list[Pod] = []
    numbers: list[int] = []
    alike: dict[str, list[int]] = {}
    for pod in pods:
        mine = kind(pod)
        # Kinds hold mappings and so have no hash; those few that share this key are compared.
        rivals = alike.setdefault(f"{mine.az_name}#{mine.state}#{mine.headroom}", [])
        number = next((rival for rival in rivals if found[rival] == mine), None)
        if number is None:
            number = len(found)
            rivals.append(number)
            found.append(mine)
        numbers.append(number)
    return found, numbers
