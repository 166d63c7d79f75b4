"""Aggregates: one for operators, in each pod of its zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import first_pods, json_object, request_of, shown, whole_id
from chalicelib.model.aggregate import ZONE, zone_in
from chalicelib.model.pod import Pod
from chalicelib.service.operating.aggregates import Aggregate

Changes = Mapping[str, Any]
_HOST_ACTIONS = ("add_host", "remove_host")


def list_aggregates(call: Call) -> Reply:
    """All aggregates, each once."""
    rows, partial = wiring.services().aggregates.list(call.caller, request_of(call))
    return shown({"aggregates": rows}, partial)


def create_aggregate(call: Call) -> Reply:
    """Make one in each pod of the zone that it names, or in all pods."""
    order = (json_object(call) or {}).get("aggregate")
    if not isinstance(order, dict) or "name" not in order or not isinstance(order.get(ZONE), str | None):
        return first_pods(call)  # which refuses it
    return shown({"aggregate": wiring.services().aggregates.create(call.caller, request_of(call), order)})


def show_aggregate(call: Call) -> Reply:
    """One aggregate, by the id of any of its members."""
    found = _found(call)
    return shown({"aggregate": found.row}, found.partial) if found else first_pods(call)


def update_aggregate(call: Call) -> Reply:
    """Change its name or zone in each of its pods."""
    changes = (json_object(call) or {}).get("aggregate")
    found = _found(call)
    if found is None or not isinstance(changes, dict) or not isinstance(changes.get(ZONE), str | None):
        return first_pods(call)
    return _written(call, found, "", changes, lambda own: {"aggregate": own})


def delete_aggregate(call: Call) -> Reply:
    """Delete it from each of its pods."""
    found = _found(call)
    if found is None:
        return first_pods(call)
    wiring.services().aggregates.write(call.caller, found, request_of(call), "", lambda pod: None)
    return Reply(200)


def act_on_aggregate(call: Call) -> Reply:
    """Add or remove a host in the host's pod, or set the metadata in each."""
    found, body = _found(call), json_object(call) or {}
    verb, order = next(iter(body.items()), ("", None))
    if found is None or len(body) != 1 or not isinstance(order, dict):
        return first_pods(call)
    if verb in _HOST_ACTIONS and isinstance(order.get("host"), str):
        services = wiring.services()
        changed = services.aggregates.write_host(call.caller, found, request_of(call), verb, order["host"])
        return shown({"aggregate": changed.row}, changed.partial)
    metadata = order.get("metadata")
    if verb == "set_metadata" and isinstance(metadata, dict) and isinstance(metadata.get(ZONE), str | None):
        return _written(call, found, "/action", metadata, lambda own: {verb: {**order, "metadata": own}})
    return first_pods(call)


def cache_images(call: Call) -> Reply:
    """Let the hosts of each of its pods fetch images."""
    found, body = _found(call), json_object(call)
    if found is None or body is None:
        return first_pods(call)
    wiring.services().aggregates.write(call.caller, found, request_of(call), "/images", lambda pod: body)
    return Reply(202)


def _found(call: Call) -> Aggregate | None:
    """The aggregate that the path names; None where its id is no whole number."""
    number = whole_id(call.path["aggregate_id"])
    if number is None:
        return None
    return wiring.services().aggregates.find(call.caller, number, request_of(call))


def _written(
    call: Call, found: Aggregate, below: str, changes: Changes, body: Callable[[Changes], Changes]
) -> Reply:
    """Each pod gets the changes with its own name of the zone among them; ``body`` is made of them."""
    aggregates = wiring.services().aggregates
    if ZONE in changes:
        aggregates.refuse_elsewhere(found, changes[ZONE])

    def in_words_of(pod: Pod) -> Changes:
        return body({**changes, ZONE: zone_in(pod, changes[ZONE])} if ZONE in changes else changes)

    changed = aggregates.write(call.caller, found, request_of(call), below, in_words_of)
    return shown({"aggregate": changed.row}, changed.partial)
