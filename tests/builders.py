"""Builders: make complete nouns of the model, so that a test names only what matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, get_type_hints

from chalicelib.model.affinity import GENERAL, affinity_group
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.capacity import Capacity
from chalicelib.model.claim import Claim
from chalicelib.model.flavor import Flavor
from chalicelib.model.identity import Caller, Identity
from chalicelib.model.intent import Intent
from chalicelib.model.job import Job
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.pod_table import DEFAULTS, READERS
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.window import Repeats, Window

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
FULL: dict[str, Any] = {
    "az_name": "az1",
    "endpoints": {"compute": "https://nova.example/v2.1"},
    "affinity_tags": {"resource": "CAD Modeling"},
    "weight": 12.5,
    "bind_watermark": 0.8,
    "keep_watermark": 0.85,
    "allocation_ratios": {"vcpus": 4.0},
    "reserved": {"ram_mb": 512},
    "windows": (
        Window(NOW, NOW + timedelta(hours=1), reason="new switches"),
        Window(datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 4), "Europe/Berlin", Repeats.WEEKLY),
    ),
}
_SOMETHING: dict[Any, Any] = {  # values for all other fields, by the fields' types
    str: "Région 1",
    str | None: "Région 1",
    bool: True,
    int: 7,
    int | None: 7,
    float: 0.25,
    float | None: 0.25,
    frozenset[str]: frozenset({"p-2", "p-1"}),
    tuple[str, ...]: ("p-2", "p-1"),
}
PROJECT = "5f4dcc3b5aa765d61d8327deb882cf99"
ZONE = "az1"


@dataclass
class SetClock:
    """A clock that stands still until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def a_caller(
    project_id: str = PROJECT, user_id: str = "a-user", role: str = "member", **fields: Any
) -> Caller:
    identity = Identity(user_id, project_id, frozenset({role}), NOW + timedelta(hours=1))
    return Caller(identity, **{"token": "a-token", "request_id": "req-1", **fields})


def a_flavor(flavor_id: str = "m1.small", **fields: Any) -> Flavor:
    """A public flavor of 1 vCPU, 1 GiB of memory and 10 GiB of disk."""
    sizes = {"vcpus": 1, "ram_mb": 1024, "root_gb": 10}
    return Flavor(flavor_id=flavor_id, **{"name": flavor_id, **sizes, **fields})


def a_capacity(
    vcpus: int | None = 100,
    ram_mb: int | None = 102_400,
    disk_gb: int | None = 10_000,
    used: Amounts | None = None,
    **fields: Any,
) -> Capacity:
    """The capacity that a pod reported at ``NOW``; it is idle unless ``used`` says what is taken."""
    values = {"used": used or Amounts(), "reported_at": NOW, **fields}
    return Capacity(totals=Totals(vcpus, ram_mb, disk_gb), **values)


def a_pod(pod_id: str = "pod-a", az_name: str = ZONE, **fields: Any) -> Pod:
    """An enabled, proven pod, 30 days old, that never reported: it counts as free and offers any flavor."""
    age = {"created_at": NOW - timedelta(days=30)}
    values = {"pod_name": pod_id.title().replace("-", ""), "proven": True, **age, **fields}
    return Pod(pod_id=pod_id, az_name=az_name, **values)


def a_full_pod(pod_id: str = "pod-full", **fields: Any) -> Pod:
    """A pod on which every field that an operator may set differs from its default."""
    hints = get_type_hints(Pod)
    said = {name: FULL[name] if name in FULL else _something(name, hints[name]) for name in READERS}
    return a_pod(pod_id, **{**said, **fields})


def a_hybrid_pod(pod_id: str = "hybrid", **fields: Any) -> Pod:
    """A pod with a Keystone of its own."""
    there = {"auth_url": "https://keystone.elsewhere.example/v3", "credential_ref": "there"}
    return a_pod(pod_id, **{**there, **fields})


def _something(name: str, hint: Any) -> Any:
    """A value for a field of this type; of an enumeration the first member that isn't the default."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return next(member for member in hint if member is not DEFAULTS[name])
    return _SOMETHING[hint]


def a_filled_pod(pod_id: str = "pod-a", vcpus_used: int = 0, **fields: Any) -> Pod:
    """A pod with 100 vCPUs, of which some are used; it has plenty of memory and disk."""
    return a_pod(pod_id, **{"capacity": a_capacity(used=Amounts(vcpus=vcpus_used)), **fields})


def a_binding(pod_id: str = "pod-a", az_name: str = ZONE, **fields: Any) -> Binding:
    """An active binding of generation 1, of ``PROJECT`` and ``general`` unless other ones are given."""
    key = BindingKey(fields.pop("project_id", PROJECT), az_name, fields.pop("affinity_group", GENERAL))
    values = {"generation": 1, "created_at": NOW, "updated_at": NOW, "reason": "first create", **fields}
    return Binding(key=key, pod_id=pod_id, **values)


def a_spec(
    flavor: Flavor | None = None, bound_to: str | Iterable[Binding] = (), **fields: Any
) -> RequestSpec:
    """One server of ``a_flavor()`` in ``az1`` for ``PROJECT``, made at ``NOW``.

    ``bound_to`` is the pod that the project is bound to in the zone asked for, or its bindings.
    The need follows from flavor and ``count`` unless it is given.
    """
    flavor = flavor or a_flavor()
    values = {"project_id": PROJECT, "az_name": ZONE, "requested_at": NOW, **fields}
    if isinstance(bound_to, str):
        whose = {"project_id": values["project_id"], "affinity_group": affinity_group(flavor.affinity_tags)}
        bound_to = [a_binding(bound_to, values["az_name"] or ZONE, **whose)]
    values.setdefault("bindings", tuple(bound_to))
    values.setdefault("need", flavor.need().times(values.get("count", 1)))
    return RequestSpec(flavor=flavor, **values)


def a_claim(pod_id: str, need: Amounts, token: str = "t1", at: datetime = NOW, count: int = 1) -> Claim:
    """Room for one create; a test that makes several names them by their tokens."""
    return Claim(pod_id, token, int(at.timestamp()), need, count)


def a_job(job_id: str = "job-1", **fields: Any) -> Job:
    """A running job that drains ``pod-a``, which was enabled before, at 60 bindings a minute."""
    values = {
        "pod_id": "pod-a",
        "pod_name": "PodA",
        "rate_per_minute": 60,
        "previous_state": PodState.ENABLED,
    }
    times = {"created_at": NOW, "updated_at": NOW, "next_at": NOW}
    return Job(job_id, **{**values, **times, **fields})


def an_intent(intent_id: str = "a" * 40, **fields: Any) -> Intent:
    """A create's first attempt, in ``pod-a``, which is settled after five minutes."""
    values = {
        "project_id": PROJECT,
        "user_id": "user-1",
        "request_id": "req-1",
        "pod_id": "pod-a",
        "decision_id": "decision-1",
        "made_at": NOW,
        "settle_at": NOW + timedelta(minutes=5),
    }
    return Intent(intent_id, **{**values, **fields})
