"""Changes of a server that name a zone or a host, which its pod calls otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.attaching import told_plainly
from chalicelib.api.openstack.forwarding import pod_request
from chalicelib.model import pod_host
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS

_ZONES = {"server": "pinned_availability_zone", "unshelve": "availability_zone"}
_WITH_A_HOST = ("migrate", "os-migrateLive", "evacuate", "unshelve")


def change_server(call: Call) -> Reply:
    """Update a server, or act on it, in the pod that holds it."""
    answer = wiring.services().located.send(
        call.caller, SERVERS, call.path["server_id"], pod_request(call, SERVERS.service), in_its_words
    )
    return told_plainly(call, answer)


def in_its_words(pod: Pod, request: PodRequest) -> PodRequest:
    """The request with zone and host as the pod calls them.

    A name that isn't this pod's stays, and its Nova says that it knows none such.
    """
    changes = _changes(request.body)
    theirs = {key: _in_words_of(pod, key, change) for key, change in changes.items()}
    return request if theirs == changes else replace(request, body=json.dumps(theirs).encode())


def _changes(body: bytes | None) -> Mapping[str, Any]:
    if not body or (b'zone"' not in body and b'"host"' not in body):
        return {}
    try:
        changes = json.loads(body)
    except (ValueError, RecursionError):
        return {}  # the pod's Nova refuses it
    return changes if isinstance(changes, dict) else {}


def _in_words_of(pod: Pod, key: str, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    theirs = dict(change)
    zone_key = _ZONES.get(key, "")
    if pod.az_name and theirs.get(zone_key) == pod.az_name:
        theirs[zone_key] = pod.zone_inside
    host = theirs.get("host")
    if key in _WITH_A_HOST and isinstance(host, str):
        pod_name, bare = pod_host.read(host)
        theirs["host"] = bare if pod_name == pod.pod_name else host
    return theirs
