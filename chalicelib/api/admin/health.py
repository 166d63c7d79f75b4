"""The admin API's health page."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.api.admin.capacity_bodies import age_seconds
from chalicelib.api.admin.queries import read_query
from chalicelib.api.call import Call, Reply
from chalicelib.model.flavor_differences import FlavorDifference
from chalicelib.model.json_values import write_time
from chalicelib.model.shared_write import UnfinishedWrite
from chalicelib.model.stray import Stray
from chalicelib.service.operating.health import HealthReport, PodCondition

MOST_DIFFERENCES = 100
MOST_STRAYS = 100


def show_health(call: Call) -> Reply:
    """``ok`` or ``degraded``, and why; always 200 when we can answer at all."""
    read_query(call.query)
    return Reply(200, {"health": write_health(wiring.services().health.report())})


def write_health(report: HealthReport) -> dict[str, Any]:
    """The report as operators read it."""
    return {
        "status": "degraded" if report.degraded else "ok",
        "at": write_time(report.at),
        "store": {"reachable": not report.store_error, "error": report.store_error or None},
        "pods": [_write_pod(condition, report) for condition in report.pods],
        "unfinished_writes": [_write_unfinished(each) for each in report.unfinished],
        "strays": [_write_stray(each, report) for each in report.strays[:MOST_STRAYS]],
        "stray_count": len(report.strays),
        "flavor_differences": [_write_difference(each) for each in report.flavors[:MOST_DIFFERENCES]],
        "flavor_difference_count": len(report.flavors),
    }


def _write_unfinished(write: UnfinishedWrite) -> dict[str, Any]:
    return {
        "resource": write.title,
        "call": write.call,
        "begun_at": write_time(write.begun_at),
        "request_id": write.request_id,
        "user_id": write.user_id,
        "problem": f"{write.fates or 'it was never ended'}; the same call, made again, does the rest",
    }


def _write_stray(stray: Stray, report: HealthReport) -> dict[str, Any]:
    names = {condition.pod.pod_id: condition.pod.pod_name for condition in report.pods}
    return {
        "server_id": stray.server_id,
        "name": stray.name,
        "project_id": stray.project_id,
        "pod_id": stray.pod_id,
        "pod_name": names.get(stray.pod_id),
        "created_at": write_time(stray.created_at),
        "seen_at": write_time(stray.seen_at),
        "create": stray.marker,
        "may_be_deleted": stray.fits,
    }


def _write_difference(difference: FlavorDifference) -> dict[str, Any]:
    return {
        "flavor_id": difference.flavor_id,
        "respect": difference.respect,
        "pods": [
            {"value": value or None, "pod_names": list(pod_names)}
            for value, pod_names in difference.values.items()
        ],
    }


def _write_pod(condition: PodCondition, report: HealthReport) -> dict[str, Any]:
    pod = condition.pod
    return {
        "pod_id": pod.pod_id,
        "pod_name": pod.pod_name,
        "az_name": pod.az_name,
        "state": pod.state.value,
        "proven": pod.proven,
        "report_age_seconds": age_seconds(pod, report.at),
        "reachable": pod.health.unreachable_since is None,
        "unreachable_since": write_time(pod.health.unreachable_since),
        "problem": condition.problem or None,
        "quotas_missing": condition.quotas_missing,
    }
