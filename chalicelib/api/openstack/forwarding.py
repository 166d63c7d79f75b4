"""Forwarding: a client's request on its way to a pod, and the pod's answer on its way back."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.json_body import check_proxied
from chalicelib.api.openstack.rewriting import Words, rewritten
from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer

LEGACY_PREFIX = "/v2"  # of the API that Nova had before microversions

# Inbound identity and service-token headers never pass: the pod would believe them.
_TO_POD = ("accept", "content-type", "openstack-api-version", "x-openstack-nova-api-version")
_SENDABLE = re.compile(r"[\x20-\x7e\t]*")
_SECONDS = re.compile(r"[0-9]{1,5}")
FAULT_TYPE = {"Content-Type": "application/json; charset=UTF-8"}  # Nova's faults name a charset, answers none
REQUEST_ID_HEADERS = ("X-Openstack-Request-Id", "X-Compute-Request-Id")
# What Nova tells the place of: a server that was made or rebuilt, an image of one, a tag, a volume.
_LOCATED = {
    re.compile(r"POST /servers(?:/[^/]+/action)?"): re.compile(r"/(?:servers|images)/[A-Za-z0-9-]+$"),
    re.compile(r"PUT /servers/[^/]+/tags/[^/]+"): re.compile(r"/servers/[a-f0-9-]+/tags/[!-.0-~]{1,180}$"),
    re.compile(r"POST /os-volumes"): re.compile(r"/os-volumes/[A-Za-z0-9-]+$"),
}


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
        identity=call.caller.identity,
        request_id=call.request_id,
        read_timeout_seconds=wiring.settings().read_timeout_seconds,
        deadline=call.caller.deadline,
        legacy=call.prefix == LEGACY_PREFIX,
    )


def _sendable(name: str, value: str) -> str:
    # Checked before a pod is chosen: a request that can't be sent must not make a binding.
    if not _SENDABLE.fullmatch(value):
        raise InvalidField(name, f"The header {name} may only hold printable ASCII letters.")
    return value.strip()


def query_pairs(call: Call) -> tuple[tuple[str, str], ...]:
    """The client's query, with one pair for each value of a repeated key."""
    return tuple((key, value) for key, values in call.query.items() for value in values)


def words_of(pod: Pod, call: Call) -> Words:
    """How this call's answer says what a pod says."""
    return Words(pod, call.base_url, call.project_path)


def reply_of(answer: PodAnswer, call: Call) -> Reply:
    """A pod's answer as the client gets it, with the id under which that pod knows the request.

    Of the pod's headers only those are passed on, and only in the form, that the service gives them.
    """
    words, theirs = words_of(answer.pod, call), answer.reply.headers
    headers = dict(FAULT_TYPE) if answer.reply.status >= 400 and answer.reply.body else {}
    if answer.reply.status >= 400 and _SECONDS.fullmatch(theirs.get("retry-after", "")):
        headers["Retry-After"] = theirs["retry-after"]
    if answer.reply.status < 300 and (place := _place(call, theirs.get("location", ""))):
        headers["Location"] = words.link(f"{call.prefix}{place}")
    if answer.reply.request_id:
        headers.update(dict.fromkeys(REQUEST_ID_HEADERS, answer.reply.request_id))
    return Reply(answer.reply.status, rewritten(answer.reply.body, words) or None, headers)


def _place(call: Call, theirs: str) -> str:
    """The path of what was made, by a pod's ``Location``; empty where Nova tells none, or in another form."""
    asked = f"{call.method} {call.raw_path}"
    for route, place in _LOCATED.items():
        if theirs and route.fullmatch(asked) and (found := place.search(theirs)):
            return found[0]
    return ""
