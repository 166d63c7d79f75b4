"""Pod bodies: a pod as operators write and read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from chalicelib.api.admin.queries import write_time
from chalicelib.api.admin.window_bodies import read_windows, write_next_window
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import (
    Reader,
    inside,
    mapping,
    nullable,
    number,
    one_of,
    read_fields,
    text,
    texts,
    whole,
    yes_or_no,
)
from chalicelib.model.pod import SERVICES, DiskKind, Pod, PodState
from chalicelib.service.operating.pod_fields import PodFields

_RESOURCES = ("vcpus", "ram_mb", "disk_gb")
# "az:host:node" asks Nova for a host, so a zone with a colon could never be asked for.
_NOT_IN_ZONES = "#/:"
_WATERMARK = nullable(number(0, 1, above_low=True))

POD_READERS: dict[str, Reader] = {
    "pod_name": text(without="#/"),
    # A header names our zones, separated by commas.
    "az_name": text(empty=True, without=_NOT_IN_ZONES + ",", ascii_only=True),
    "pod_az_name": text(empty=True, without=_NOT_IN_ZONES),
    "dc_name": text(empty=True),
    "endpoints": mapping(text(longest=2048), keys=SERVICES),
    "state": one_of(PodState),
    "affinity_tags": mapping(text()),
    "weight": number(0, 100),
    "headroom": number(0, 1, below_high=True),
    "bind_watermark": _WATERMARK,
    "keep_watermark": _WATERMARK,
    "max_instances": nullable(whole()),
    "disk": one_of(DiskKind),
    "allocation_ratios": mapping(number(0, 1000, above_low=True), keys=_RESOURCES),
    "reserved": mapping(whole(), keys=_RESOURCES),
    "allowed_project_ids": texts,
    "denied_project_ids": texts,
    "windows": read_windows,
    "credential_ref": text(empty=True),
}
_ORDER_READERS = {**POD_READERS, "force": yes_or_no}
_CHANGE_READERS = {**_ORDER_READERS, "generation": whole(1)}
_OURS = ("pod_id", "created_at", "min_microversion", "max_microversion")


@dataclass(frozen=True, slots=True)
class PodOrder:
    """What a body asks of a pod; ``generation`` is 0 for a new one."""

    fields: PodFields
    force: bool = False
    generation: int = 0


def read_pod_create(body: object) -> PodOrder:
    """A registration; without a zone the pod is the top region. Raises InvalidField."""
    given = {"az_name": "", **inside(body, "pod")}
    return _order(read_fields(given, _ORDER_READERS, required=("pod_name",)))


def read_pod_update(body: object, held: Pod) -> PodOrder:
    """A change; the pod as it was read may be sent back whole. Raises InvalidField."""
    given = dict(inside(body, "pod"))
    ours = write_pod(held, held.created_at)
    given.pop("next_window", None)  # it follows from the windows and the clock
    for name in _OURS:
        if name in given and given.pop(name) != ours[name]:
            raise InvalidField(name, "can't be changed")
    return _order(read_fields(given, _CHANGE_READERS, required=("generation",)))


def _order(values: dict[str, Any]) -> PodOrder:
    force, generation = values.pop("force", False), values.pop("generation", 0)
    return PodOrder(cast(PodFields, values), force, generation)


def write_pod(pod: Pod, at: datetime) -> dict[str, Any]:
    """A pod as operators read it at a moment, on which its next window depends."""
    return {
        "pod_id": pod.pod_id,
        "pod_name": pod.pod_name,
        "az_name": pod.az_name,
        "pod_az_name": pod.pod_az_name,
        "dc_name": pod.dc_name,
        "endpoints": dict(pod.endpoints),
        "state": pod.state.value,
        "affinity_tags": dict(pod.affinity_tags),
        "weight": pod.weight,
        "headroom": pod.headroom,
        "bind_watermark": pod.bind_watermark,
        "keep_watermark": pod.keep_watermark,
        "max_instances": pod.max_instances,
        "disk": pod.disk.value,
        "allocation_ratios": dict(pod.allocation_ratios),
        "reserved": dict(pod.reserved),
        "allowed_project_ids": sorted(pod.allowed_project_ids),
        "denied_project_ids": sorted(pod.denied_project_ids),
        "windows": [window.document() for window in pod.windows],
        "next_window": write_next_window(pod, at),
        "credential_ref": pod.credential_ref,
        "generation": pod.generation,
        "created_at": write_time(pod.created_at),
        "min_microversion": pod.min_microversion,
        "max_microversion": pod.max_microversion,
    }


def write_pod_with(pod: Pod, at: datetime, warnings: tuple[str, ...]) -> Mapping[str, Any]:
    """A pod, and what it will lack until somebody sees to it."""
    written: dict[str, Any] = {"pod": write_pod(pod, at)}
    if warnings:
        written["warnings"] = list(warnings)
    return written
