"""Changes of a server that name a zone or a host, which its pod calls otherwise, or a keypair of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.attaching import told_plainly
from chalicelib.api.nova.server_create import read_key_name
from chalicelib.api.openstack.forwarding import pod_request
from chalicelib.model import pod_host
from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.answer import PodRefused

_ZONES = {"server": "pinned_availability_zone", "unshelve": "availability_zone"}
_WORTH_READING = (b'zone"', b'"host"', b'"key_name"')
_WITH_A_HOST = ("migrate", "os-migrateLive", "evacuate", "unshelve")


def change_server(call: Call) -> Reply:
    """Update a server, or act on it, in its pod, which gets the keypair first that a rebuild names."""
    services, key_name = wiring.services(), _new_key(call.raw_body)

    def prepare(pod: Pod, request: PodRequest) -> PodRequest:
        if key_name:
            services.keypair_imports.ensure(call.caller, pod, key_name)
        return in_its_words(pod, request)

    request = pod_request(call, SERVERS.service)
    try:
        answer = services.located.send(call.caller, SERVERS, call.path["server_id"], request, prepare)
    except PodRefused as refusal:
        answer = refusal.answer
    return told_plainly(call, answer)


def in_its_words(pod: Pod, request: PodRequest) -> PodRequest:
    """The request with zone and host as the pod calls them.

    A name that isn't this pod's stays, and its Nova says that it knows none such. Raises InvalidField for a
    host that is named as another pod's, at which Nova would only say that it is no hostname.
    """
    changes = _changes(request.body)
    theirs = {key: _in_words_of(pod, key, change) for key, change in changes.items()}
    return request if theirs == changes else replace(request, body=json.dumps(theirs).encode())


def _new_key(body: bytes) -> str:
    """The keypair that a rebuild names; empty for any other change."""
    rebuild = _changes(body).get("rebuild")
    return read_key_name(rebuild) if isinstance(rebuild, dict) else ""


def _changes(body: bytes | None) -> Mapping[str, Any]:
    if not body or not any(word in body for word in _WORTH_READING):
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
        if pod_name not in (None, pod.pod_name):
            raise InvalidField(
                "host", f"Compute host {host} is not where the server is, and a server stays there."
            )
        theirs["host"] = bare
    return theirs
