"""Decision facts: what of pods, requests and bindings a kept decision needs to be decided again."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from chalicelib.model import pod_table
from chalicelib.model.affinity import BARE, SCOPE
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.capacity import Capacity, PodHealth
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import Pod
from chalicelib.model.pod_table import COLD, ENTRIES
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.window import Window, open_span

# Of these only what the request saw is kept, by hand, below.
_NARROWED = {
    "affinity_tags",  # there can be many, and rules look at those asked for alone
    "allowed_project_ids",  # other projects' names are nobody's business, and they can be many
    "denied_project_ids",
    "pod_project_ids",
    "windows",  # one that isn't open makes no difference
    "capacity",  # without the hosts
    "claimed",
    "catalogue",  # the flavor asked for alone
    "health",  # without the error's text
}
# No rule looks at it, but processes of the version before can't read a decision without it.
_STILL_READ = {"pod_az_name"}
_AS_THEY_ARE = [
    name for name in ENTRIES if name in _STILL_READ or (name not in COLD and name not in _NARROWED)
]


def write_pod(pod: Pod, spec: RequestSpec) -> dict[str, Any]:
    """A pod as this request saw it: all that a rule may look at, some of it narrowed to this request."""
    return {
        **pod_table.write(pod, _AS_THEY_ARE),
        "tags": _tags(pod.affinity_tags, spec.affinity_tags),
        "allowed": _members(pod.allowed_project_ids, spec.project_id),
        "denied": sorted(pod.denied_project_ids & {spec.project_id}),
        "known_as": _known_as(pod, spec.project_id),
        "capacity": _write_capacity(pod.capacity),
        "claimed": list(pod.claimed),
        "flavor": _write_offer(pod, spec),
        "health": [
            _write_time(pod.health.refreshed_at),
            _write_time(pod.health.unreachable_since),
            _write_time(pod.health.unreachable_at),
        ],
        "windows": [w.document() for w in pod.windows if open_span([w], spec.requested_at)],
    }


def read_pod(facts: Mapping[str, Any], flavor_id: str) -> Pod:
    """The pod again, as far as it was kept; a field that is newer than the decision has its default.

    Where it wasn't kept whether the pod is proven, no rule asked for that yet: it passes.
    """
    refreshed_at, unreachable_since, *last = map(_read_time, facts["health"])
    return Pod(
        **pod_table.read({"proven": True, **facts}, _AS_THEY_ARE),
        affinity_tags=facts["tags"],
        allowed_project_ids=frozenset(facts["allowed"]),
        denied_project_ids=frozenset(facts["denied"]),
        pod_project_ids=facts.get("known_as", {}),
        capacity=_read_capacity(facts["capacity"]),
        claimed=Amounts(*facts.get("claimed", ())),  # decisions kept before there were claims have none
        catalogue=_read_offer(facts["flavor"], flavor_id),
        health=PodHealth(refreshed_at, unreachable_since, unreachable_at=last[0] if last else None),
        windows=tuple(map(Window.from_document, facts.get("windows", ()))),
    )


def write_spec(spec: RequestSpec, kept: Set[str]) -> dict[str, Any]:
    """The request; of the flavor's extra specs only those that ask for affinity.

    What it says of single pods is kept for those in ``kept``: a replay asks no others.
    """
    return {
        "project_id": spec.project_id,
        "flavor": write_flavor(spec.flavor, spec.project_id),
        "need": list(spec.need),
        "requested_at": spec.requested_at.isoformat(),
        "az_name": spec.az_name,
        "count": spec.count,
        "request_id": spec.request_id,
        "bindings": [write_binding(binding) for binding in spec.bindings],
        "failed": sorted(spec.failed_pod_ids),
        "refused": sorted(spec.refused_decision_ids),
        "open": sorted(spec.open_circuits & kept),
        "pinned": {named: sorted(pod_ids & kept) for named, pod_ids in spec.pinned_pod_ids.items()},
        "builds": {pod_id: builds for pod_id, builds in spec.failed_builds.items() if pod_id in kept},
    }


def read_spec(facts: Mapping[str, Any]) -> RequestSpec:
    """The request that ``write_spec`` wrote."""
    return RequestSpec(
        project_id=facts["project_id"],
        flavor=read_flavor(facts["flavor"]),
        need=Amounts(*facts["need"]),
        requested_at=datetime.fromisoformat(facts["requested_at"]),
        az_name=facts["az_name"],
        count=facts["count"],
        request_id=facts["request_id"],
        bindings=tuple(read_binding(row) for row in facts["bindings"]),
        failed_pod_ids=frozenset(facts["failed"]),
        # A decision that was kept before these rules came has none of them.
        refused_decision_ids=frozenset(facts.get("refused", ())),
        open_circuits=frozenset(facts.get("open", ())),
        failed_builds=facts.get("builds", {}),
        pinned_pod_ids={named: frozenset(pod_ids) for named, pod_ids in facts.get("pinned", {}).items()},
    )


def write_flavor(flavor: Flavor, project_id: str) -> list[Any]:
    """A flavor as one project sees it."""
    asks = {key: value for key, value in flavor.extra_specs.items() if key.startswith(SCOPE) or key == BARE}
    access = None if flavor.project_ids is None else sorted(flavor.project_ids & {project_id})
    return [flavor.flavor_id, flavor.name, *flavor.size, asks, access]


def read_flavor(row: list[Any]) -> Flavor:
    """The flavor that ``write_flavor`` wrote."""
    *size, access = row
    return Flavor(*[*size, None if access is None else frozenset(access)])


def write_binding(binding: Binding) -> dict[str, Any]:
    """A binding in full."""
    return {
        "key": list(binding.key),
        "pod_id": binding.pod_id,
        "generation": binding.generation,
        "created_at": binding.created_at.isoformat(),
        "updated_at": binding.updated_at.isoformat(),
        "is_binding": binding.is_binding,
        "reason": binding.reason,
        "decision_id": binding.decision_id,
    }


def read_binding(facts: Mapping[str, Any]) -> Binding:
    """The binding that ``write_binding`` wrote."""
    times = {name: datetime.fromisoformat(facts[name]) for name in ("created_at", "updated_at")}
    return Binding(**{**facts, **times, "key": BindingKey(*facts["key"])})


def _tags(carried: Mapping[str, str], asked: Mapping[str, str]) -> dict[str, str]:
    """The tags asked for; of a tagged pod that nobody asked for one, so that it is still tagged."""
    wanted = {key: value for key, value in carried.items() if key in asked}
    return wanted or dict(sorted(carried.items())[:1])


def _members(project_ids: frozenset[str], project_id: str) -> list[str]:
    """Whether the project is in a list, and whether there is a list: no other project's name."""
    return [project_id] if project_id in project_ids else ["others"] if project_ids else []


def _known_as(pod: Pod, project_id: str) -> dict[str, str]:
    """The project's own id in a pod with a Keystone of its own, if it has one there."""
    inside = pod.pod_project_ids.get(project_id)
    return {project_id: inside} if inside else {}


def _write_offer(pod: Pod, spec: RequestSpec) -> list[list[Any]] | None:
    if pod.catalogue is None:
        return None
    offered = pod.catalogue.get(spec.flavor.flavor_id)
    return [] if offered is None else [write_flavor(offered, spec.project_id)]


def _read_offer(rows: list[list[Any]] | None, flavor_id: str) -> dict[str, Flavor] | None:
    if rows is None:
        return None
    return {flavor_id: read_flavor(rows[0])} if rows else {}


def _write_capacity(capacity: Capacity | None) -> list[Any] | None:
    if capacity is None:
        return None
    return [list(capacity.totals), list(capacity.used), capacity.reported_at.isoformat(), capacity.source]


def _read_capacity(row: list[Any] | None) -> Capacity | None:
    if row is None:
        return None
    totals, used, reported_at, source = row
    return Capacity(Totals(*totals), Amounts(*used), datetime.fromisoformat(reported_at), source)


def _write_time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
