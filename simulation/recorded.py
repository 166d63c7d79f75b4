"""Recorded: what the admin API tells of past creates, as arrivals and the site that they came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.model.resources import RESOURCES
from simulation.arrival import Arrival

Body = Mapping[str, Any]
DAY, HOUR = 86_400.0, 3600.0
BEYOND_THE_END = 366 * DAY
_AS_THEY_ARE = (
    "weight",
    "headroom",
    "bind_watermark",
    "keep_watermark",
    "max_instances",
    "affinity_tags",
    "allowed_project_ids",
    "denied_project_ids",
    "state",
)


def first_of_each_request(decisions: Iterable[Body]) -> list[Body]:
    """One decision a create, oldest first: those made again since a pod didn't answer are left out.

    The last of them says where the server is, so its action and pod stand in the first one's place.
    """
    creates: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        request_id = decision["request_id"] or decision["decision_id"]
        first = creates.setdefault(request_id, dict(decision))
        first.update({name: decision[name] for name in ("action", "pod_id", "pod_name")})
    return sorted(creates.values(), key=_moment)


def arrivals_of(creates: Sequence[Body], lifetime_hours: float | None) -> list[Arrival]:
    """A server each, in seconds since the first."""
    begun = _moment(creates[0])
    lifetime = BEYOND_THE_END if lifetime_hours is None else lifetime_hours * HOUR
    return [
        Arrival(
            time=round((_moment(create) - begun).total_seconds(), 1),
            project=create["project_id"],
            flavor=_flavor(create)["name"],
            zone=create["az_name"] or "",
            lifetime=lifetime,
        )
        for create in creates
        for _ in range(create["spec"]["count"])
    ]


def site_of(creates: Sequence[Body], pods: Sequence[Body]) -> dict[str, Any]:
    """The pods as they were before these creates, as far as one can tell, for ``site_file``.

    Of what a pod uses now, the servers that these creates made there are taken off.
    """
    begun = _moment(creates[0])
    came = _needs(creates)
    flavors = {flavor["name"]: flavor for flavor in map(_flavor, creates)}  # the newest of a name
    return {
        "pods": [_pod(pod, came.get(pod["pod_id"], Counter()), begun) for pod in pods],
        "flavors": list(flavors.values()),
        "bindings": _bindings(creates, pods),
    }


def _pod(pod: Body, came: Counter[str], begun: datetime) -> dict[str, Any]:
    resources = pod["capacity"]["resources"]
    totals = {name: resources[name]["total"] for name in ("vcpus", "ram_mb", "disk_gb")}
    used = {name: max(0, resources[name]["used"] - came[name]) for name in RESOURCES}
    age = (begun - datetime.fromisoformat(pod["created_at"])).total_seconds() / DAY
    settings = {name: pod[name] for name in _AS_THEY_ARE if pod[name] not in (None, [], {})}
    # Ties go by the pods' ids, so a replay needs those that they had.
    names = {"id": pod["pod_id"], "name": pod["pod_name"], "zone": pod["az_name"]}
    return {**names, **totals, "used": used, "age_days": round(max(0.0, age), 6), **settings}


def _needs(creates: Iterable[Body]) -> dict[str, Counter[str]]:
    """What the servers of these creates take, by pod."""
    needs: dict[str, Counter[str]] = {}
    for create in creates:
        if create["pod_id"] is not None:
            needs.setdefault(create["pod_id"], Counter()).update(create["spec"]["need"])
    return needs


def _flavor(create: Body) -> dict[str, Any]:
    """A flavor by what one server of this create needed: from a volume, it takes no root disk."""
    flavor, spec = create["spec"]["flavor"], create["spec"]
    need = {name: spec["need"][name] // spec["count"] for name in ("vcpus", "ram_mb", "disk_gb")}
    whole_disk = flavor["root_gb"] + flavor["ephemeral_gb"] + -(-flavor["swap_mb"] // 1024)
    name = flavor["flavor_id"] if need["disk_gb"] == whole_disk else f"{flavor['flavor_id']}-from-volume"
    asks = {key: text for key, text in flavor["extra_specs"].items() if not key.startswith("resources:")}
    return {"name": name, **need, "extra_specs": asks}


def _bindings(creates: Iterable[Body], pods: Iterable[Body]) -> list[dict[str, str]]:
    """Who was bound where before: by the first create of each project and group."""
    names = {(pod["pod_id"], pod["az_name"]): pod["pod_name"] for pod in pods}
    first: dict[tuple[str, str], Body] = {}
    for create in creates:
        first.setdefault((create["project_id"], create["affinity_group"]), create)
    return [
        {"project": b["tenant_id"], "zone": b["az_name"], "affinity_group": b["affinity_group"], "pod": name}
        for create in first.values()
        for b in create["spec"]["bindings"]
        if (name := names.get((b["pod_id"], b["az_name"])))
    ]


def _moment(decision: Body) -> datetime:
    return datetime.fromisoformat(decision["requested_at"])
