"""Decision bodies: what was asked, which pods were weighed how, which were rejected and why."""

from __future__ import annotations

from typing import Any

from chalicelib.api.admin.binding_bodies import write_binding
from chalicelib.model.amounts import RESOURCES
from chalicelib.model.flavor import Flavor
from chalicelib.model.json_values import write_time
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import Decision, RejectedPod, WeighedPod
from chalicelib.scheduler.decision_text import sentence
from chalicelib.scheduler.verdicts import verdicts_on_passed, verdicts_on_rejected


def write_decision_row(decision: Decision) -> dict[str, Any]:
    """A decision in a list: who asked, what came of it, and how many pods each filter stopped."""
    spec, selected = decision.spec, decision.selected
    return {
        "decision_id": decision.decision_id,
        "project_id": spec.project_id,
        "request_id": spec.request_id,
        "requested_at": write_time(spec.requested_at),
        "attempt": spec.attempt,
        "az_name": spec.az_name,
        "affinity_group": spec.affinity_group,
        "action": decision.action.value,
        "pod_id": selected.pod.pod_id if selected else None,
        "pod_name": selected.pod.pod_name if selected else None,
        "weighed_count": decision.weighed_count,
        "rejected_counts": dict(decision.rejected_counts),
    }


def write_decision(decision: Decision) -> dict[str, Any]:
    """A decision in full."""
    return {
        **write_decision_row(decision),
        "spec": _spec(decision.spec),
        "profile": dict(decision.profile),
        "binding": write_binding(decision.binding) if decision.binding else None,
        "contested": decision.contested.value if decision.contested else None,
        "weighed": [_weighed(decision, pod) for pod in decision.weighed],
        "rejected": [_rejected(decision, pod) for pod in decision.rejected],
        "omitted": decision.omitted,
        "snapshot_version": decision.snapshot_version,
        "zone_known": decision.zone_known,
        "access_denied": decision.access_denied,
    }


def _spec(spec: RequestSpec) -> dict[str, Any]:
    return {
        "flavor": _flavor(spec.flavor),
        "count": spec.count,
        "need": dict(zip(RESOURCES, spec.need, strict=True)),
        "affinity_tags": dict(spec.affinity_tags),
        "bindings": [write_binding(binding) for binding in spec.bindings],
        "failed_pod_ids": sorted(spec.failed_pod_ids),
    }


def _flavor(flavor: Flavor) -> dict[str, Any]:
    return {
        "flavor_id": flavor.flavor_id,
        "name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram_mb": flavor.ram_mb,
        "root_gb": flavor.root_gb,
        "ephemeral_gb": flavor.ephemeral_gb,
        "swap_mb": flavor.swap_mb,
        "extra_specs": dict(flavor.extra_specs),
    }


def _weighed(decision: Decision, weighed: WeighedPod) -> dict[str, Any]:
    fill = weighed.pod.fill_after(decision.spec.need)
    return {
        "pod_id": weighed.pod.pod_id,
        "pod_name": weighed.pod.pod_name,
        "az_name": weighed.pod.az_name,
        "fill_after": {"resource": fill.resource, "fraction": round(fill.fraction, 4)} if fill else None,
        "verdicts": verdicts_on_passed(decision),
        "score": weighed.score,
        "weights": [weight._asdict() for weight in weighed.weights],
    }


def _rejected(decision: Decision, rejected: RejectedPod) -> dict[str, Any]:
    reasons = [
        {
            "filter": rejection.filter,
            "scope": rejection.scope.value,
            "code": rejection.code,
            "numbers": list(rejection.numbers),
            "sentence": sentence(rejection),
        }
        for rejection in rejected.rejections
    ]
    return {
        "pod_id": rejected.pod_id,
        "pod_name": rejected.pod_name,
        "verdicts": verdicts_on_rejected(decision, rejected),
        "rejections": reasons,
    }
