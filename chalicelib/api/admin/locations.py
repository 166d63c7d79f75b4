"""The admin API's locations resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib import wiring
from chalicelib.api.admin.deed_bodies import write_deed
from chalicelib.api.admin.queries import PAGING, id_word, read_page, read_query
from chalicelib.api.admin.requests import read_reason, read_request
from chalicelib.api.call import Call, Reply
from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import an_id, an_object, read_fields, text
from chalicelib.model.json_values import write_time
from chalicelib.model.location import Location

_FILTERS = {"pod_id": id_word, "project_id": id_word}


def list_locations(call: Call) -> Reply:
    """Those that haven't ended, of a pod or a project, or all."""
    asked = read_query(call.query, {**_FILTERS, **PAGING})
    found = wiring.services().locations.find(
        asked.get("pod_id", ""), asked.get("project_id", ""), read_page(asked)
    )
    names = _pod_names()
    return Reply(200, {"locations": [write_location(location, names) for location in found]})


def show_location(call: Call) -> Reply:
    """One location, ended or not."""
    read_query(call.query)
    return _shown(wiring.services().locations.get(call.path["location_id"]))


def end_location(call: Call) -> Reply:
    """End a location, since its server is gone for good; a reason is required."""
    _, reason = read_reason(call, {"reason": text()})
    if not reason:
        raise InvalidField("reason", "say why it ends")
    return _shown(wiring.services().locations.end(call.path["location_id"], call.caller, reason))


def move_location(call: Call) -> Reply:
    """Say that a server is in another pod; a reason is required."""
    _, told = read_request(call, _read_move)
    moved = wiring.services().locations.move(
        call.path["location_id"], told["pod_id"], call.caller, told["reason"]
    )
    return _shown(moved)


def _read_move(body: object) -> dict[str, Any]:
    given = an_object('the body must be {"pod_id": "...", "reason": "..."}')("body", body)
    return read_fields(given, {"pod_id": an_id, "reason": text()}, required=("pod_id", "reason"))


def write_location(location: Location, pod_names: Mapping[str, str]) -> dict[str, Any]:
    """A location as operators read it; a pod that was removed has no name."""
    return {
        "id": location.resource_id,
        "name": location.name,
        "project_id": location.project_id,
        "pod_id": location.pod_id,
        "pod_name": pod_names.get(location.pod_id),
        "created_at": write_time(location.created_at),
        "ended_at": write_time(location.ended_at),
        "deleted": location.deleted,
        "decision_id": location.decision_id,
        "request_id": location.request_id,
        "moved_from": location.moved_from or None,
        "changed_by_hand": write_deed(location.deed) if location.deed else None,
    }


def _shown(location: Location) -> Reply:
    return Reply(200, {"location": write_location(location, _pod_names())})


def _pod_names() -> Mapping[str, str]:
    return {pod.pod_id: pod.pod_name for pod in wiring.services().roster.all()}
