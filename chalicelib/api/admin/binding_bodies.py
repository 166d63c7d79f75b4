"""Binding bodies: a binding, its changes by hand, and its past, as operators write and read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.model.affinity import GENERAL, MOST_GROUP_LETTERS, affinity_group, tags_of
from chalicelib.model.binding import Binding, BindingEvent
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader, an_id, an_object, mapping, read_fields, read_wrapped, text, whole
from chalicelib.model.json_values import write_time


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
    order: BindingOrder = read_wrapped(body, "pod_binding", _create)["pod_binding"]
    return order


def _create(given: Mapping[str, object]) -> BindingOrder:
    values = read_fields(
        given, _CREATE_READERS, ("tenant_id", "pod_id", "reason"), together=_refuse_two_groups
    )
    group = values.get("affinity_group") or affinity_group(values.get("affinity_tags", {}))
    return BindingOrder(values["tenant_id"], values["pod_id"], group, values["reason"])


def _refuse_two_groups(values: Mapping[str, Any]) -> None:
    if "affinity_group" in values and "affinity_tags" in values:
        raise InvalidField("affinity_group", "give either affinity_group or affinity_tags")


def _group(field: str, value: object) -> str:
    group: str = text(longest=MOST_GROUP_LETTERS)(field, value)
    if tags_of(group) is None:
        raise InvalidField(field, f"no tags have this group's name; {GENERAL} is for none")
    return group


def _tags(field: str, value: object) -> Mapping[str, str]:
    tags: Mapping[str, str] = mapping(text())(field, value)
    if len(affinity_group(tags)) > MOST_GROUP_LETTERS:
        raise InvalidField(field, f"must be {MOST_GROUP_LETTERS} letters at most, escaped")
    return tags


def read_rebind(body: object) -> RebindOrder:
    """Where a binding moves and why; the fields may stand inside ``pod_binding``. Raises InvalidField."""
    bare = an_object('the body must be {"pod_id": "...", "reason": "..."}')("body", body)
    if "pod_binding" in bare:
        order: RebindOrder = read_wrapped(bare, "pod_binding", _rebind)["pod_binding"]
        return order
    return _rebind(bare)


def _rebind(given: Mapping[str, object]) -> RebindOrder:
    values = read_fields(given, _REBIND_READERS, required=("pod_id", "reason"))
    return RebindOrder(values["pod_id"], values["reason"], values.get("generation"))


_CREATE_READERS: dict[str, Reader] = {
    "tenant_id": an_id,
    "pod_id": an_id,
    "affinity_group": _group,
    "affinity_tags": _tags,
    "reason": text(),
}
_REBIND_READERS: dict[str, Reader] = {"pod_id": an_id, "reason": text(), "generation": whole(1)}


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
