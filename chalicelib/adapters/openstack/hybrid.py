"""Hybrid: what a pod with a Keystone of its own calls our projects, users and keypairs, and back.

Such a pod knows one project for each of ours, and one user in it, who stands for all of ours. So their
keypairs would meet under one user: inside, a keypair is named ``<our user>-<its name>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeGuard
from urllib.parse import parse_qsl, quote, unquote, urlencode

from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest

PROJECT_ID = re.compile("[0-9a-f]{32}")  # as Keystone makes them, so that no other word can be taken for one
_PROJECTS = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_KEY_NAMES = re.compile(rb'("key_name"\s*:\s*")[0-9a-f]{32,64}-')
_KEYPAIRS = "/os-keypairs"


@dataclass(frozen=True, slots=True)
class Insider:
    """As whom a caller is known inside: ``user_id`` is ours, ``user_inside`` the user of the credential."""

    user_id: str
    user_inside: str


def request_inside(pod: Pod, request: PodRequest, insider: Insider | None) -> PodRequest:
    """A request in the pod's words. Without an insider it is ours, by the pod's service credential."""
    path, mark, query = request.path.partition("?")
    of_keypairs = path.startswith(_KEYPAIRS)
    pairs = [_pair(pod, insider, of_keypairs, *pair) for pair in parse_qsl(query, keep_blank_values=True)]
    segments = [_segment(pod, each) for each in path.split("/")]
    if insider and path.startswith(f"{_KEYPAIRS}/"):
        segments[2] = _key_inside(insider) + segments[2]
    body = _body_inside(pod, path, request.body, insider)
    return replace(request, path="/".join(segments) + mark + urlencode(pairs), body=body)


def reply_outside(pod: Pod, request: PodRequest, reply: PodReply, insider: Insider | None) -> PodReply:
    """A reply in our words. ``request`` is the one before ``request_inside``."""
    ours = {theirs.encode(): our.encode() for our, theirs in pod.pod_project_ids.items()}
    body = _PROJECTS.sub(lambda found: ours.get(found[0], found[0]), reply.body)
    body = _KEY_NAMES.sub(rb"\1", body)
    if insider and request.path.startswith(_KEYPAIRS):
        body = _changed(body, lambda document: _keypairs_outside(document, insider))
    return replace(reply, body=body)


def _segment(pod: Pod, segment: str) -> str:
    inside = pod.pod_project_ids.get(unquote(segment))
    return segment if inside is None else quote(inside, safe="")


def _pair(pod: Pod, insider: Insider | None, of_keypairs: bool, key: str, value: str) -> tuple[str, str]:
    if insider and key == "user_id" and value == insider.user_id:
        return key, insider.user_inside
    if insider and key == "marker" and of_keypairs:
        return key, _key_inside(insider) + value
    return key, pod.pod_project_ids.get(value, value)


def _key_inside(insider: Insider) -> str:
    return f"{insider.user_id}-"


def _body_inside(pod: Pod, path: str, body: bytes | None, insider: Insider | None) -> bytes | None:
    """Only what names a project, a user or a keypair is written anew; all else goes as it came."""
    if body is None:
        return None
    if path.startswith("/flavors/"):
        return _changed(body, lambda document: _access_inside(pod, document))
    if insider and path == _KEYPAIRS:
        return _changed(body, lambda document: _key_names(document, "keypair", "name", insider))
    if insider and path == "/servers":
        return _changed(body, lambda document: _key_names(document, "server", "key_name", insider))
    if insider and path.startswith("/servers/"):
        return _changed(body, lambda document: _key_names(document, "rebuild", "key_name", insider))
    return body


def _changed(body: bytes, change: Callable[[Any], bool]) -> bytes:
    """The JSON with a change, if there was anything to be changed."""
    try:
        document = json.loads(body)
        return json.dumps(document).encode() if change(document) else body
    except (ValueError, RecursionError):
        return body


def _access_inside(pod: Pod, document: Any) -> bool:
    """``{"addTenantAccess": {"tenant": "<project>"}}`` and its like."""
    orders = [each for each in document.values() if isinstance(each, dict)] if _is_object(document) else []
    for order in orders:
        order["tenant"] = pod.pod_project_ids.get(str(order.get("tenant")), order.get("tenant"))
    return any(order["tenant"] is not None for order in orders)


def _key_names(document: Any, noun: str, field: str, insider: Insider) -> bool:
    order = document.get(noun) if _is_object(document) else None
    if not isinstance(order, dict) or not isinstance(order.get(field), str):
        return False
    order[field] = _key_inside(insider) + order[field]
    if order.get("user_id") == insider.user_id:
        order["user_id"] = insider.user_inside
    return True


def _keypairs_outside(document: Any, insider: Insider) -> bool:
    """Of a list, the caller's own are left; of each, the name and the user are ours."""
    if not _is_object(document):
        return False
    rows = document.get("keypairs")
    if isinstance(rows, list):
        document["keypairs"] = [row for row in rows if _is_of(row, insider)]
        document.pop("keypairs_links", None)
    kept = document.get("keypairs") or [document]
    for keypair in (row.get("keypair") for row in kept if _is_object(row)):
        if _is_object(keypair):
            keypair["name"] = str(keypair.get("name")).removeprefix(_key_inside(insider))
            if "user_id" in keypair:
                keypair["user_id"] = insider.user_id
    return True


def _is_of(row: Any, insider: Insider) -> bool:
    keypair = row.get("keypair") if _is_object(row) else None
    return _is_object(keypair) and str(keypair.get("name")).startswith(_key_inside(insider))


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
