"""Usage report: what servers took over a time, as Nova's ``os-simple-tenant-usage`` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from chalicelib.model.resource import is_uuid

MOST = 2**53
Row = Mapping[str, Any]  # of one server, or of one project with its servers
_SUMS = {
    "total_local_gb_usage": "local_gb",
    "total_vcpus_usage": "vcpus",
    "total_memory_mb_usage": "memory_mb",
}


def is_report(told: Any) -> bool:
    """Whether a pod tells of projects and their servers, with numbers that can be added up."""
    return isinstance(told, list) and all(map(_is_project, told))


def _is_project(told: Any) -> bool:
    if not isinstance(told, dict) or not isinstance(told.get("tenant_id"), str):
        return False
    servers = told.get("server_usages")
    return isinstance(servers, list) and all(map(_is_server, servers))


def _is_server(told: Any) -> bool:
    if not isinstance(told, dict) or not is_uuid(told.get("instance_id")):
        return False
    return _is_amount(told.get("hours")) and all(_is_amount(told.get(name, 0)) for name in _SUMS.values())


def _is_amount(told: Any) -> bool:
    return isinstance(told, int | float) and 0 <= told < MOST


def joined(told: Iterable[Sequence[Row]], most: int | None) -> tuple[list[dict[str, Any]], str]:
    """The projects of several pods' reports as one report, over ``most`` servers.

    Also the id of the last server, where ``most`` were found, so that more may follow. Sums are made anew,
    since a page may end in the middle of a project.
    """
    servers = [
        (project, server) for report in told for project in report for server in project["server_usages"]
    ]
    projects: dict[str, dict[str, Any]] = {}
    for project, server in islice(servers, most):
        known = projects.setdefault(
            project["tenant_id"],
            {**project, "server_usages": [], "total_hours": 0, **dict.fromkeys(_SUMS, 0)},
        )
        known["server_usages"].append(server)
        known["total_hours"] += server["hours"]
        for total, amount in _SUMS.items():
            known[total] += server.get(amount, 0) * server["hours"]
    last = servers[most - 1][1]["instance_id"] if most and len(servers) >= most else ""
    return list(projects.values()), last
