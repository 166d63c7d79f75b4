"""Site file: reads a site from JSON, which a person or ``simulation.kept`` wrote; see docs/simulation.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalicelib.model.affinity import GENERAL, tags_of
from chalicelib.model.amounts import RESOURCES, Amounts, Totals
from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import Reader, mapping, number, read_fields, text, whole, yes_or_no
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import COLD, READERS
from chalicelib.model.refusals import inside_of
from chalicelib.service.operating.pods import refuse_crossed_watermarks
from simulation.cloud import SimulatedPod
from simulation.site import STARTS_AT, Site

Row = Mapping[str, Any]
# A site has its own words for names and sizes. Windows have calendar times, and simulated time has none.
_NOT_IN_A_SITE = ("pod_name", "az_name", "disk", "windows")
# The fields of a pod's record that decisions look at, with the names and bounds of the admin API.
SETTINGS = tuple(name for name in READERS if name not in (*COLD, *_NOT_IN_A_SITE))
CENTURY_DAYS = 36_525.0


def read(path: Path) -> Site:
    """Read a site file. Raises InvalidField naming the field, OSError, and ValueError where it is no JSON."""
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(document, Mapping):
        raise InvalidField("pods", "the file must be an object with pods and flavors")
    read_fields(document, dict.fromkeys(("pods", "flavors", "bindings"), lambda _, value: value))
    pods = _aged(list(_rows(document, "pods", _pod)))
    flavors = {flavor.flavor_id: flavor for flavor in _rows(document, "flavors", _flavor)}
    by_name = {pod.pod.pod_name: pod.pod for pod in pods}
    bindings = tuple(_rows(document, "bindings", lambda row: _binding(row, by_name), needed=False))
    _refuse_twins("pods", [pod.pod.pod_name for pod in pods])
    _refuse_twins("pods", [pod.pod.pod_id for pod in pods])
    _refuse_twins("flavors", [row["name"] for row in document["flavors"]])
    _refuse_twins("bindings", [binding.key.binding_id for binding in bindings])
    return Site(pods, flavors, bindings)


def _rows(document: Row, key: str, reader: Callable[[Row], Any], needed: bool = True) -> Iterator[Any]:
    rows = document.get(key) or []
    if not isinstance(rows, list) or (needed and not rows):
        raise InvalidField(key, f"must be a list of objects{', at least one' if needed else ''}")
    for index, row in enumerate(rows):
        with inside_of(f"{key}.{index}"):
            if not isinstance(row, Mapping):
                raise InvalidField("", "must be an object")
            yield reader({name: value for name, value in row.items() if value is not None})


def _pod(row: Row) -> tuple[SimulatedPod, bool]:
    """A pod, and whether the row says how old it is."""
    given = read_fields(row, _POD, required=("name", "zone"))
    if "ram_gb" in given and "ram_mb" in given:
        raise InvalidField("ram_gb", "ram_mb says it already")
    ram_mb = given["ram_gb"] * 1024 if "ram_gb" in given else given.get("ram_mb")
    pod = Pod(
        given.get("id", given["name"]),
        given["name"],
        given["zone"],
        created_at=STARTS_AT - timedelta(days=given.get("age_days", 0.0)),
        proven=given.get("proven", True),
        **{name: given[name] for name in SETTINGS if name in given},
    )
    refuse_crossed_watermarks(pod.bind_watermark, pod.keep_watermark)
    totals = Totals(given.get("vcpus"), ram_mb, given.get("disk_gb"))
    return SimulatedPod(pod, totals, Amounts(**given.get("used", {}))), "age_days" in given


def _aged(pods: list[tuple[SimulatedPod, bool]]) -> tuple[SimulatedPod, ...]:
    """Give pods without an age one: each is a day older than the pod after it in the file."""
    eldest = len(pods)
    return tuple(
        pod
        if has_age
        else replace(pod, pod=replace(pod.pod, created_at=STARTS_AT - timedelta(eldest - index)))
        for index, (pod, has_age) in enumerate(pods)
    )


def _flavor(row: Row) -> Flavor:
    given = read_fields(row, _FLAVOR, required=("name", "vcpus", "ram_mb", "disk_gb"))
    name, root_gb = given.pop("name"), given.pop("disk_gb")
    return Flavor(name, name, root_gb=root_gb, **given)


def _binding(row: Row, by_name: Mapping[str, Pod]) -> Binding:
    given = read_fields(row, _BINDING, required=("project", "zone", "pod"))
    pod, group = by_name.get(given["pod"]), given.get("affinity_group", GENERAL)
    if pod is None or pod.az_name != given["zone"]:
        raise InvalidField("pod", f"the site has no {given['pod']} in {given['zone']}")
    if tags_of(group) is None:
        raise InvalidField("affinity_group", "no tags have this group's name")
    key = BindingKey(given["project"], given["zone"], group)
    return Binding(key, pod.pod_id, 1, STARTS_AT, STARTS_AT, reason="bound when the simulation began")


def _refuse_twins(key: str, names: list[str]) -> None:
    twin = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twin is not None:
        raise InvalidField(key, f"{twin} is there twice")


_SIZES = {name: whole() for name in ("vcpus", "ram_gb", "ram_mb", "disk_gb")}
_POD: dict[str, Reader] = {
    "id": text(),
    "name": text(),
    "zone": text(),
    **_SIZES,
    "used": mapping(whole(), keys=RESOURCES),
    "age_days": number(-CENTURY_DAYS, CENTURY_DAYS),
    "proven": yes_or_no,
    **{name: READERS[name] for name in SETTINGS},
}
_FLAVOR: dict[str, Reader] = {
    "name": text(),
    **{name: whole() for name in ("vcpus", "ram_mb", "disk_gb", "ephemeral_gb", "swap_mb")},
    "extra_specs": mapping(text(empty=True)),
}
_BINDING: dict[str, Reader] = {
    **{name: text() for name in ("project", "zone", "pod")},
    "affinity_group": text(longest=700),
}
