"""The projects of a pod with a Keystone of its own, below the admin API's pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalicelib import wiring
from chalicelib.api.admin.deed_bodies import REASON
from chalicelib.api.admin.queries import read_query
from chalicelib.api.admin.requests import read_reason, read_request
from chalicelib.api.call import Call, Reply
from chalicelib.model.fields import an_id, read_fields, read_wrapped, text
from chalicelib.model.pod_project import PodProject

_REF = {"credential_ref": text(without="/")}


def list_projects(call: Call) -> Reply:
    """All projects that the pod serves by a credential."""
    read_query(call.query)
    projects = wiring.services().pod_projects.list(call.path["pod_id"])
    return Reply(200, {"projects": [asdict(project) for project in projects]})


def show_project(call: Call) -> Reply:
    read_query(call.query)
    return _shown(wiring.services().pod_projects.get(call.path["pod_id"], call.path["tenant_id"]))


def let_project_in(call: Call) -> Reply:
    """Serve a project by a credential, which the pod's own Keystone is asked about."""
    _, told = read_request(call, lambda body: read_wrapped(body, "project", _read, {"reason": REASON}))
    project_id = an_id("tenant_id", call.path["tenant_id"])
    project, warnings = wiring.services().pod_projects.let_in(
        call.path["pod_id"],
        project_id,
        told["project"]["credential_ref"],
        call.caller,
        told.get("reason", ""),
    )
    return _shown(project, warnings)


def shut_project_out(call: Call) -> Reply:
    """Serve a project no more."""
    _, reason = read_reason(call)
    path = call.path
    wiring.services().pod_projects.shut_out(path["pod_id"], path["tenant_id"], call.caller, reason)
    return Reply(204)


def _read(given: Mapping[str, object]) -> dict[str, Any]:
    return read_fields(given, _REF, ("credential_ref",))


def _shown(project: PodProject, warnings: tuple[str, ...] = ()) -> Reply:
    body: dict[str, Any] = {"project": asdict(project)}
    return Reply(200, {**body, "warnings": list(warnings)} if warnings else body)
