"""Recorded: makes arrivals and a site of what the admin API tells of past creates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.model.amounts import RESOURCES
from chalicelib.model.flavor import Flavor
from simulation.arrival import Arrival
from simulation.site_file import CENTURY_DAYS, SETTINGS

Body = Mapping[str, Any]
DAY, HOUR = 86_400.0, 3600.0
BEYOND_THE_END = 366 * DAY


def one_of_each_create(decisions: Iterable[Body]) -> list[Body]:
    """One decision for each create, oldest first.

    A create is decided again when a pod doesn't answer. The last decision says where the server is, so the
    first one gets its action and pod. All have the create's own moment; later ones name more failed pods.
    """
    creates: dict[tuple[str, str, str], dict[str, Any]] = {}
    for decision in sorted(decisions, key=lambda d: (_moment(d), len(d["spec"]["failed_pod_ids"]))):
        asked = (decision["request_id"] or decision["decision_id"], decision["project_id"])
        first = creates.setdefault((*asked, decision["requested_at"]), dict(decision))
        first.update({name: decision[name] for name in ("action", "pod_id", "pod_name")})
    return list(creates.values())


def arrivals_of(creates: Sequence[Body], lifetime_hours: float | None) -> list[Arrival]:
    """An arrival for each server of each create; times are in seconds since the first create."""
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


def site_of(creates: Sequence[Body], pods: Iterable[Body]) -> dict[str, Any]:
    """The pods as they were before these creates, as far as one can tell, for ``site_file``.

    What these creates' servers took by then is subtracted from what a pod last reported as used. The top
    region takes no servers and is left out.
    """
    begun = _moment(creates[0])
    bottom = [pod for pod in pods if pod["az_name"]]
    flavors = {flavor["name"]: flavor for flavor in map(_flavor, creates)}  # the newest flavor with a name
    return {
        "pods": [_pod(pod, _came(creates, pod), begun) for pod in bottom],
        "flavors": list(flavors.values()),
        "bindings": _bindings(creates, bottom),
    }


def _pod(pod: Body, came: Counter[str], begun: datetime) -> dict[str, Any]:
    resources = pod["capacity"]["resources"]
    sizes = ("vcpus", "ram_mb", "disk_gb")
    # A resource without a limit isn't counted: the pod never reported, or its disk is ignored.
    totals = {n: resources[n]["total"] if resources[n]["limit"] is not None else None for n in sizes}
    used = {name: max(0, resources[name]["used"] - came[name]) for name in RESOURCES}
    # Below zero for a pod that came later. Exact to the microsecond, so that pods keep their order by age.
    age = (begun - datetime.fromisoformat(pod["created_at"])).total_seconds() / DAY
    age_days = round(min(age, CENTURY_DAYS), 11)
    settings = {name: pod[name] for name in SETTINGS if pod.get(name) not in (None, [], {})}
    # The draw among tied pods goes by their ids, so a replay needs the same ids.
    names = {"id": pod["pod_id"], "name": pod["pod_name"], "zone": pod["az_name"]}
    proven = pod.get("proven", True)  # a gateway of an earlier version doesn't tell
    return {**names, **totals, "used": used, "age_days": age_days, "proven": proven, **settings}


def _came(creates: Iterable[Body], pod: Body) -> Counter[str]:
    """What these creates' servers take in the pod, without those created after its last report."""
    reported_at = pod["capacity"]["reported_at"]
    came: Counter[str] = Counter()
    for create in creates:
        seen = reported_at is not None and _moment(create) < datetime.fromisoformat(reported_at)
        if seen and create["pod_id"] == pod["pod_id"]:
            came.update(create["spec"]["need"])
    return came


def _flavor(create: Body) -> dict[str, Any]:
    """The flavor of a create, with what one of its servers needed as its size.

    A server that boots from a volume needs no root disk, so it gets a flavor with another name.
    """
    flavor, spec = Flavor(**create["spec"]["flavor"]), create["spec"]
    need = {name: spec["need"][name] // spec["count"] for name in ("vcpus", "ram_mb", "disk_gb")}
    whole = need["disk_gb"] == flavor.need().disk_gb
    # The need includes the ephemeral disk, the swap and the ``resources:`` overrides already.
    asks = {key: text for key, text in flavor.extra_specs.items() if not key.startswith("resources:")}
    name = flavor.flavor_id if whole else f"{flavor.flavor_id}-from-volume"
    return {"name": name, **need, "extra_specs": asks}


def _bindings(creates: Iterable[Body], pods: Iterable[Body]) -> list[dict[str, str]]:
    """The bindings before these creates, as the first create of each project and group had them."""
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
