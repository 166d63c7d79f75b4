"""Nova's services of all pods: their ids are whole numbers up to microversion 2.52, then UUIDs."""

from __future__ import annotations

import json
from dataclasses import replace

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.hypervisors import UUIDS
from chalicelib.api.nova.operators import (
    by_number,
    first_pods,
    gather,
    json_object,
    request_of,
    shown,
    told_by,
    version_of,
)
from chalicelib.model.errors import ServiceNotFound, Unavailable
from chalicelib.service.kinds.all_pods import Wanted


def list_services(call: Call) -> Reply:
    """All of them, or those of a host or with a name."""
    found = gather(call, Wanted("services"), host_keys=("host",))
    return shown({"services": found.rows("services")}, found.partial)


def delete_service(call: Call) -> Reply:
    """Send the request to the service's pod."""
    if version_of(call) >= UUIDS:
        return _by_uuid(call)
    return by_number(call, "service", ServiceNotFound(call.path["service_id"]))


def update_service(call: Call) -> Reply:
    """Enable, disable or force down a service.

    Up to 2.52 the body names its host, and the path says what to do.
    """
    if version_of(call) >= UUIDS:
        return _by_uuid(call)
    body, all_pods = json_object(call), wiring.services().all_pods
    if body is None or not isinstance(body.get("host"), str):
        return first_pods(call)
    request = request_of(call)
    pod, host = all_pods.by_host(call.caller, body["host"], request)
    own = replace(request, body=json.dumps({**body, "host": host}).encode())
    return told_by(all_pods.send(pod, own, "service"), call)


def _by_uuid(call: Call) -> Reply:
    """Send the request to the pod that lists the service; if none does, the oldest pod denies it."""
    all_pods, request = wiring.services().all_pods, request_of(call)
    question = replace(request, method="GET", path="/os-services", body=None)
    found = all_pods.gather(call.caller, question, Wanted("services"))
    service_id = call.path["service_id"].lower()
    for pod, told in found.told:
        if any(row.get("id") == service_id for row in told.get("services", ())):
            return told_by(all_pods.send(pod, request, "service"), call)
    if found.silent:
        raise Unavailable("A pod that may have this service doesn't answer now.")
    return first_pods(call)
