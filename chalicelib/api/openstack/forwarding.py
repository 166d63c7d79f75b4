"""Forwarding: a client's request on its way to a pod, and the pod's answer on its way back.

Nova's links and zones are put into our words; nothing else in a body is touched.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.json_body import check_proxied
from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer

# Inbound identity and service-token headers never pass: the pod would believe them.
_TO_POD = ("accept", "content-type", "openstack-api-version", "x-openstack-nova-api-version")
_SENDABLE = re.compile(r"[\x20-\x7e\t]*")
_TO_CLIENT = {"content-type": "Content-Type", "retry-after": "Retry-After"}
_VERSIONED = re.compile(r"^https?://[^/]+(?:/[^?]*?)?(/v2\.1(?:[/?].*)?)$|^(/v2\.1/.*)$")
_BOOKMARK = re.compile(r"^(?:https?://[^/]+(?:/[^?]*?)?)?(/(?:servers|flavors|images)/[^/?]+)$")
ZONE_KEY = "OS-EXT-AZ:availability_zone"
_ZONE_KEYS = (ZONE_KEY, "pinned_availability_zone")  # the second from 2.96 on
_THE_USERS_OWN = "metadata"


def pod_request(
    call: Call, service: str, path: str = "", query: tuple[tuple[str, str], ...] | None = None
) -> PodRequest:
    """The client's request as a service of a pod gets it, with the client's own token.

    ``path`` and ``query`` replace the client's own. Raises InvalidField for a header that can't be sent and
    for a body that no pod could read.
    """
    check_proxied(call.raw_body)
    pairs = query_pairs(call) if query is None else query
    return PodRequest(
        method=call.method,
        service=service,
        path=(path or call.raw_path) + (f"?{urlencode(pairs)}" if pairs else ""),
        headers={name: _sendable(name, call.headers[name]) for name in _TO_POD if name in call.headers},
        body=call.raw_body or None,
        token=call.caller.token,
        request_id=call.request_id,
        read_timeout_seconds=wiring.settings().read_timeout_seconds,
        deadline=call.caller.deadline,
    )


def _sendable(name: str, value: str) -> str:
    # Checked before a pod is chosen: a request that can't be sent must not make a binding.
    if not _SENDABLE.fullmatch(value):
        raise InvalidField(name, f"The header {name} may only hold printable ASCII letters.")
    return value.strip()


def query_pairs(call: Call) -> tuple[tuple[str, str], ...]:
    """The client's query, with one pair for each value of a repeated key."""
    return tuple((key, value) for key, values in call.query.items() for value in values)


def reply_of(answer: PodAnswer, base_url: str) -> Reply:
    """A pod's answer as the client gets it."""
    headers = {
        ours: answer.reply.headers[name] for name, ours in _TO_CLIENT.items() if name in answer.reply.headers
    }
    if "location" in answer.reply.headers:
        headers["Location"] = our_link(answer.reply.headers["location"], base_url)
    if not answer.reply.body:
        headers.pop("Content-Type", None)
    return Reply(answer.reply.status, _our_body(answer, base_url), headers)


def _our_body(answer: PodAnswer, base_url: str) -> bytes | None:
    raw = answer.reply.body
    if b'"href"' not in raw and ZONE_KEY.encode() not in raw:
        return raw or None
    try:
        body = json.loads(raw)
        rewrite(body, answer.pod, base_url)
        return json.dumps(body).encode()
    except (ValueError, RecursionError):
        return raw  # a server may exist by now, so the client gets what there is


def rewrite(value: Any, pod: Pod, base_url: str) -> None:
    """Put a body's links and zones into our words, in place."""
    if isinstance(value, list):
        for each in value:
            rewrite(each, pod, base_url)
    elif isinstance(value, dict):
        for key in _ZONE_KEYS:
            if value.get(key) and pod.az_name:
                value[key] = pod.az_name
        for key, inside in value.items():
            if key == _THE_USERS_OWN:
                continue
            if (key == "links" or key.endswith("_links")) and isinstance(inside, list):
                _rewrite_links(inside, base_url)
            else:
                rewrite(inside, pod, base_url)


def _rewrite_links(links: list[Any], base_url: str) -> None:
    for link in links:
        if isinstance(link, dict) and isinstance(link.get("href"), str):
            link["href"] = our_link(link["href"], base_url)


def our_link(href: str, base_url: str) -> str:
    """A pod's link as ours; one that isn't to its compute API stays."""
    for pattern in (_VERSIONED, _BOOKMARK):
        found = pattern.match(href)
        if found:
            return base_url + next(group for group in found.groups() if group is not None)
    return href
