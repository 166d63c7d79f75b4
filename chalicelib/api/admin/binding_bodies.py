"""Binding bodies: a binding, its changes by hand, and its past, as operators write and read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.model.affinity import GENERAL, MOST_GROUP_LETTERS, affinity_group, tags_of
from chalicelib.model.binding import Binding, BindingEvent
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader, an_object, inside, mapping, read_fields, text, whole
from chalicelib.model.json_values import write_time

_CREATE_READERS: dict[str, Reader] = {
    "tenant_id": text(),
    "pod_id": text(),
    "affinity_group": text(longest=1024),
    "affinity_tags": mapping(text()),
    "reason": text(),
}
_REBIND_READERS: dict[str, Reader] = {"pod_id": text(), "reason": text(), "generation": whole(1)}


@dataclass(frozen=True, slots=True)
class BindingOrder:
    """A binding to make by hand; its zone is the pod's."""

    project_id: str
    pod_id: str
    affinity_group: str
    reason: str


@dataclass(frozen=True, slots=True)
class RebindOrder:
    """A move by hand. ``generation`` is the one that was read; None overwrites whatever was written since."""

    pod_id: str
    reason: str
    generation: int | None


def read_binding_create(body: object) -> BindingOrder:
    """A binding by hand; its group is named or follows from tags. Raises InvalidField."""
    given = inside(body, "pod_binding")
    values = read_fields(given, _CREATE_READERS, required=("tenant_id", "pod_id", "reason"))
    if "affinity_group" in values and "affinity_tags" in values:
        raise InvalidField("affinity_group", "give either affinity_group or affinity_tags")
    if "affinity_group" in values:
        group = values["affinity_group"]
        if tags_of(group) is None:
            raise InvalidField("affinity_group", f"no tags have this group's name; {GENERAL} is for none")
    else:
        group = affinity_group(values.get("affinity_tags", {}))
        if len(group) > MOST_GROUP_LETTERS:
            raise InvalidField("affinity_tags", f"must be {MOST_GROUP_LETTERS} letters at most, escaped")
    return BindingOrder(values["tenant_id"], values["pod_id"], group, values["reason"])


def read_rebind(body: object) -> RebindOrder:
    """Where a binding moves and why; the fields may stand inside ``pod_binding``. Raises InvalidField."""
    bare = an_object('the body must be {"pod_id": "...", "reason": "..."}')("body", body)
    given = inside(bare, "pod_binding") if "pod_binding" in bare else bare
    values = read_fields(given, _REBIND_READERS, required=("pod_id", "reason"))
    return RebindOrder(values["pod_id"], values["reason"], values.get("generation"))


def read_end_reason(body: object) -> str:
    """Why a binding ends, from the body of its DELETE. Raises InvalidField."""
    given = an_object('the body must be {"reason": "..."}')("body", body)
    return str(read_fields(given, {"reason": text()}).get("reason", ""))


def write_binding(binding: Binding) -> dict[str, Any]:
    """A binding: the fields of Trio2o's original blueprint, then those that we added."""
    return {
        "id": binding.key.binding_id,
        "tenant_id": binding.key.project_id,
        "pod_id": binding.pod_id,
        "is_binding": binding.is_binding,
        "created_at": write_time(binding.created_at),
        "updated_at": write_time(binding.updated_at),
        "az_name": binding.key.az_name,
        "affinity_group": binding.key.affinity_group,
        "generation": binding.generation,
        "reason": binding.reason,
        "decision_id": binding.decision_id,
    }


def write_event(event: BindingEvent) -> dict[str, Any]:
    """One write of a binding: what it did, who did it, and why."""
    return {
        "generation": event.generation,
        "action": event.action.value,
        "pod_id": event.pod_id,
        "previous_pod_id": event.previous_pod_id,
        "at": write_time(event.at),
        "reason": event.reason,
        "decision_id": event.decision_id,
        "request_id": event.request_id,
        "user_id": event.user_id,
    }
