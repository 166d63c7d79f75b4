"""The admin API's bindings resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from chalicelib import wiring
from chalicelib.api.admin.binding_bodies import (
    read_binding_create,
    read_rebind,
    write_binding,
    write_event,
)
from chalicelib.api.admin.queries import PAGING, a_time, choice, id_word, read_page, read_query, word
from chalicelib.api.admin.requests import read_reason, read_request
from chalicelib.api.call import Call, Reply
from chalicelib.model.binding import Binding, BindingKey
from chalicelib.model.errors import InvalidField, NotFound
from chalicelib.model.fields import text
from chalicelib.model.page import BindingQuery
from chalicelib.model.spelling import usual_spelling

ENDED_BY_HAND = "ended by an operator"
_FILTERS = {
    **dict.fromkeys(("tenant_id", "project_id", "pod_id"), id_word),
    **dict.fromkeys(("az_name", "affinity_group"), word),
    "is_binding": choice({"true": True, "false": False, "all": None}),
}


def list_bindings(call: Call) -> Reply:
    """Active bindings by project, zone, group or pod; ended ones with ``is_binding=false`` or ``all``."""
    asked = read_query(call.query, {**_FILTERS, **PAGING}, together=_refuse_two_names)
    found = wiring.services().bindings.find(_query(asked), read_page(asked))
    return Reply(200, {"pod_bindings": [write_binding(binding) for binding in found]})


def create_binding(call: Call) -> Reply:
    """Bind a project by hand."""
    _, order = read_request(call, read_binding_create)
    bound = wiring.services().bindings.bind(
        order.project_id, order.pod_id, order.affinity_group, order.reason, call.caller
    )
    return _shown(bound)


def show_binding(call: Call) -> Reply:
    """One binding, ended or not."""
    read_query(call.query)
    return _shown(wiring.services().bindings.get(_key(call)))


def end_binding(call: Call) -> Reply:
    """End a binding. Its item stays, so that generations count on."""
    _, reason = read_reason(call, {"reason": text()})
    return _shown(wiring.services().bindings.end(_key(call), reason or ENDED_BY_HAND, call.caller))


def rebind(call: Call) -> Reply:
    """Move a binding to another pod of its zone."""
    _, order = read_request(call, read_rebind)
    return _shown(
        wiring.services().bindings.rebind(
            _key(call), order.pod_id, order.reason, call.caller, order.generation
        )
    )


def show_history(call: Call) -> Reply:
    """All events, newest last; with ``?at=`` the binding as it was then."""
    asked = read_query(call.query, {"at": a_time})
    rebinding = wiring.services().bindings
    if "at" in asked:
        return _shown(rebinding.at(_key(call), asked["at"]))
    return Reply(200, {"events": [write_event(event) for event in rebinding.history(_key(call))]})


def _key(call: Call) -> BindingKey:
    # A binding's id is percent-encoded already, so it is parsed as it came. Where a client encoded it once
    # more, its colons are missing, and it is decoded first.
    segment = call.raw_path.split("/")[2]
    key = BindingKey.parse(segment) or BindingKey.parse(unquote(segment))
    if key is None:
        raise NotFound("Binding", segment)
    return key._replace(project_id=usual_spelling(key.project_id))


def _shown(binding: Binding) -> Reply:
    return Reply(200, {"pod_binding": write_binding(binding)})


def _refuse_two_names(asked: Mapping[str, Any]) -> None:
    if "tenant_id" in asked and "project_id" in asked:
        raise InvalidField("project_id", "is another name for tenant_id: give one")


def _query(asked: Mapping[str, Any]) -> BindingQuery:
    return BindingQuery(
        project_id=asked.get("tenant_id") or asked.get("project_id", ""),
        az_name=asked.get("az_name", ""),
        affinity_group=asked.get("affinity_group", ""),
        pod_id=asked.get("pod_id", ""),
        active=asked.get("is_binding", True),
    )
