"""Pod bodies: a pod as operators write and read it; ``model/pod.py`` says which fields there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.admin.deed_bodies import REASON, write_deed
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader, read_fields, read_wrapped, whole, yes_or_no
from chalicelib.model.json_values import to_json, write_time
from chalicelib.model.pod import Pod
from chalicelib.model.pod_event import PodEvent
from chalicelib.model.pod_table import READERS, REQUIRED, SHOWN
from chalicelib.model.window import next_span

_ORDER_READERS = {**READERS, "force": yes_or_no}
_CHANGE_READERS = {**_ORDER_READERS, "generation": whole(1)}
_READ_ONLY = [name for name in SHOWN if name not in _CHANGE_READERS]

Together = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class PodOrder:
    """What a body asks of a pod and why; ``generation`` is 0 for a new one."""

    fields: Mapping[str, Any]
    force: bool
    generation: int
    reason: str


def read_pod_create(body: object, together: Together) -> PodOrder:
    """A registration; without a zone the pod is the top region. Raises InvalidField.

    ``together`` raises it for fields that no pod can have together.
    """

    def read(given: Mapping[str, object]) -> dict[str, Any]:
        return read_fields(given, _ORDER_READERS, REQUIRED, together)

    return _order(read_wrapped(body, "pod", read, _BESIDE))


def read_pod_update(body: object, held: Pod, together: Together) -> PodOrder:
    """A change; the pod as it was read may be sent back whole. Raises InvalidField as ``read_pod_create``."""
    unchanged = {name: _unchanged(getattr(held, name)) for name in _READ_ONLY}
    readers = {**_CHANGE_READERS, **unchanged, "next_window": _anything}

    def read(given: Mapping[str, object]) -> dict[str, Any]:
        values = read_fields(given, readers, ("generation",), together)
        return {name: value for name, value in values.items() if name in _CHANGE_READERS}

    return _order(read_wrapped(body, "pod", read, _BESIDE))


def _inside(field: str, _: object) -> None:
    raise InvalidField(field, f'stands inside: {{"pod": {{"{field}": ...}}}}')


_BESIDE: Mapping[str, Reader] = {"reason": REASON, "force": _inside}


def _unchanged(held: object) -> Reader:
    def read(field: str, value: object) -> None:
        if value != to_json(held):
            raise InvalidField(field, "can't be changed")

    return read


def _anything(_: str, value: object) -> object:
    # The next window follows from the windows and the clock, so it may differ from what was read.
    return value


def _order(told: Mapping[str, Any]) -> PodOrder:
    fields = dict(told["pod"])
    force, generation = fields.pop("force", False), fields.pop("generation", 0)
    return PodOrder(fields, force, generation, told.get("reason", ""))


def write_pod(pod: Pod, at: datetime) -> dict[str, Any]:
    """A pod as operators read it at a moment, on which its next window depends."""
    written: dict[str, Any] = {}
    for name in SHOWN:
        written[name] = to_json(getattr(pod, name))
        if name == "windows":
            written["next_window"] = _next_window(pod, at)
    return written


def write_pod_with(pod: Pod, at: datetime, warnings: tuple[str, ...]) -> Mapping[str, Any]:
    """A pod, and if there are any, the warnings that say what it will lack."""
    written: dict[str, Any] = {"pod": write_pod(pod, at)}
    if warnings:
        written["warnings"] = list(warnings)
    return written


def write_event(event: PodEvent) -> dict[str, Any]:
    """One write of a pod: what it did and changed, who did it, and why."""
    return {
        "generation": event.generation,
        "action": event.action.value,
        "pod_name": event.pod_name,
        "changes": {name: change._asdict() for name, change in event.changes.items()},
        **write_deed(event.deed),
    }


def _next_window(pod: Pod, at: datetime) -> dict[str, Any] | None:
    """The window that is open, or the next to come, in UTC; None when there is none."""
    span = next_span(pod.windows, at)
    if span is None:
        return None
    return {
        "start": write_time(span.start),
        "end": write_time(span.end),
        "reason": span.reason,
        "open": span.holds(at),
    }
