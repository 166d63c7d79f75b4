"""Pod event: one write of a pod, with who did it, why, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.model.deed import Deed
from chalicelib.model.json_values import to_json
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.pod_table import DEFAULTS, READERS, write

_TOLD = (*READERS, "project_credentials", "pod_project_ids")


class PodAction(StrEnum):
    """What a write did to a pod; a change of its state is called by that, whatever else changed."""

    REGISTERED = "registered"
    CHANGED = "changed"
    CORDONED = "cordoned"
    UNCORDONED = "uncordoned"  # it was cordoned or draining
    DRAINED = "drained"
    DISABLED = "disabled"
    ENABLED = "enabled"  # it was disabled
    DELETED = "deleted"


class Change(NamedTuple):
    """A field's values as JSON holds them; None before a pod was registered and after it was deleted."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PodEvent:
    """One write of a pod: append-only, one a generation, a deletion too.

    ``changes`` has the fields that an operator may set and the projects with a credential, where the write
    changed them; a registration names those that differ from their defaults.
    """

    pod_id: str
    pod_name: str
    generation: int
    action: PodAction
    changes: Mapping[str, Change]
    deed: Deed


def event_of(before: Pod | None, after: Pod | None, deed: Deed) -> PodEvent:
    """The event of a write that led from ``before`` (None: a new pod) to ``after`` (None: it is deleted)."""
    pod = after or before
    assert pod is not None, "a write leads from a pod or to one"
    return PodEvent(
        pod_id=pod.pod_id,
        pod_name=pod.pod_name,
        generation=pod.generation if after else pod.generation + 1,
        action=_action(before, after),
        changes=_changes(before, after),
        deed=deed,
    )


def _action(before: Pod | None, after: Pod | None) -> PodAction:
    if before is None:
        return PodAction.REGISTERED
    if after is None:
        return PodAction.DELETED
    if after.state is before.state:
        return PodAction.CHANGED
    if after.state is PodState.ENABLED and before.state is not PodState.DISABLED:
        return PodAction.UNCORDONED
    return _BY_STATE[after.state]


_BY_STATE = {
    PodState.ENABLED: PodAction.ENABLED,
    PodState.CORDONED: PodAction.CORDONED,
    PodState.DRAINING: PodAction.DRAINED,
    PodState.DISABLED: PodAction.DISABLED,
}


def _changes(before: Pod | None, after: Pod | None) -> dict[str, Change]:
    old, new = _written(before), _written(after)
    return {
        name: Change(old[name] if before else None, new[name] if after else None)
        for name in _TOLD
        if old[name] != new[name]
    }


def _written(pod: Pod | None) -> Mapping[str, Any]:
    return write(pod, _TOLD) if pod else _BLANK


_BLANK = {name: to_json(DEFAULTS.get(name)) for name in _TOLD}
