"""Site file: a site as JSON, by hand or as ``simulation.kept`` writes it; docs/simulation.md shows one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalicelib.model.affinity import GENERAL
from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.errors import InvalidField
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.resources import RESOURCES, Amounts, Totals
from simulation.cloud import SimulatedPod
from simulation.site import STARTS_AT, Site

Row = Mapping[str, Any]
Reader = Callable[[Any], Any]


def read(path: Path) -> Site:
    """Raises InvalidField with the path of the field, OSError, ValueError for what is no JSON."""
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    read_pods = list(_read(document, "pods", _pod))
    # Without ages, a pod that is named earlier is older by a day.
    pods = tuple(
        pod if "age_days" in row else _aged(pod, len(read_pods) - place)
        for place, (pod, row) in enumerate(zip(read_pods, document["pods"], strict=True))
    )
    flavors = list(_read(document, "flavors", _flavor))
    by_name = {pod.pod.pod_name: pod.pod for pod in pods}
    if len(by_name) < len(pods) or len({pod.pod_id for pod in by_name.values()}) < len(pods):
        raise InvalidField("pods", "two have the same name or id")
    bindings = tuple(_read(document, "bindings", lambda row: _binding(row, by_name), needed=False))
    return Site(pods, {flavor.flavor_id: flavor for flavor in flavors}, bindings)


def _read(document: Any, key: str, reader: Callable[[Row], Any], needed: bool = True) -> Iterator[Any]:
    rows = document.get(key, [] if not needed else None) if isinstance(document, Mapping) else None
    if not isinstance(rows, list) or (needed and not rows):
        raise InvalidField(key, "must be a list of objects, at least one")
    for place, row in enumerate(rows):
        with _inside(f"{key}.{place}"):
            if not isinstance(row, Mapping):
                raise InvalidField("", "must be an object")
            yield reader(row)


def _pod(row: Row) -> SimulatedPod:
    known = {name: reader(row[name]) for name, reader in _POD.items() if row.get(name) is not None}
    _refuse_unknown(row, {*_POD, *_SIZES, "used", "age_days", "id", "name", "zone"})
    sizes = {name: _whole(row, name) if row.get(name) is not None else None for name in _SIZES}
    ram_mb = sizes["ram_mb"] if sizes["ram_gb"] is None else sizes["ram_gb"] * 1024
    age = timedelta(days=_number(row, "age_days")) if "age_days" in row else timedelta()
    pod_id = _text(row, "id" if "id" in row else "name")
    pod = Pod(pod_id, _text(row, "name"), _text(row, "zone"), STARTS_AT - age, **known)
    return SimulatedPod(pod, Totals(sizes["vcpus"], ram_mb, sizes["disk_gb"]), _used(row))


def _aged(pod: SimulatedPod, days: int) -> SimulatedPod:
    return replace(pod, pod=replace(pod.pod, created_at=STARTS_AT - timedelta(days=days)))


def _used(row: Row) -> Amounts:
    used = row.get("used") or {}
    with _inside("used"):
        if not isinstance(used, Mapping):
            raise InvalidField("", "must be an object")
        _refuse_unknown(used, set(RESOURCES))
        return Amounts(**{name: _whole(used, name) for name in used})


def _flavor(row: Row) -> Flavor:
    _refuse_unknown(row, {"name", "vcpus", "ram_mb", "disk_gb", "extra_specs"})
    name = _text(row, "name")
    vcpus, ram_mb, disk_gb = (_whole(row, key) for key in ("vcpus", "ram_mb", "disk_gb"))
    return Flavor(name, name, vcpus, ram_mb, disk_gb, extra_specs=_texts(row.get("extra_specs") or {}))


def _binding(row: Row, by_name: Mapping[str, Pod]) -> Binding:
    _refuse_unknown(row, {"project", "zone", "affinity_group", "pod"})
    zone, pod = _text(row, "zone"), by_name.get(_text(row, "pod"))
    if pod is None or pod.az_name != zone:
        raise InvalidField("pod", f"the site has no {row['pod']} in {zone}")
    key = BindingKey(_text(row, "project"), zone, str(row.get("affinity_group") or GENERAL))
    return Binding(key, pod.pod_id, 1, STARTS_AT, STARTS_AT, reason="bound when the simulation began")


@contextmanager
def _inside(where: str) -> Iterator[None]:
    """Put the path of the outer field before that of a refused inner one."""
    try:
        yield
    except InvalidField as refused:
        raise InvalidField(f"{where}.{refused.field}".rstrip("."), str(refused)) from refused


def _refuse_unknown(row: Row, known: set[str]) -> None:
    for name in row:
        if name not in known:
            raise InvalidField(str(name), f"unknown; known are {', '.join(sorted(known))}")


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidField(key, "must be a text")
    return value


def _whole(row: Row, key: str) -> int:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidField(key, "must be a whole number, 0 or more")
    return value


def _number(row: Row, key: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**6:
        raise InvalidField(key, "must be a number, 0 or more")
    return float(value)


def _named(key: str, reader: Callable[[Row, str], Any]) -> Reader:
    return lambda value: reader({key: value}, key)


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise InvalidField("", "tags and extra specs must be objects of texts")
    return dict(value)


def _state(value: Any) -> PodState:
    if value not in set(PodState):
        raise InvalidField("state", f"must be one of {', '.join(PodState)}")
    return PodState(value)


def _ids(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidField("", "allowed and denied projects must be lists of ids")
    return frozenset(value)


_SIZES = ("vcpus", "ram_gb", "ram_mb", "disk_gb")
_POD: dict[str, Reader] = {
    "weight": _named("weight", _number),
    "headroom": _named("headroom", _number),
    "bind_watermark": _named("bind_watermark", _number),
    "keep_watermark": _named("keep_watermark", _number),
    "max_instances": _named("max_instances", _whole),
    "affinity_tags": _texts,
    "allowed_project_ids": _ids,
    "denied_project_ids": _ids,
    "state": _state,
}
