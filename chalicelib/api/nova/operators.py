"""Operators: what the views share that show operators all pods' Novas as one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import quote

from chalicelib import wiring
from chalicelib.api.call import Call, Reply, View
from chalicelib.api.openstack.forwarding import pod_request, query_pairs, reply_of
from chalicelib.api.openstack.kinds import PARTIAL
from chalicelib.api.openstack.paging import MOST_DIGITS
from chalicelib.model import pod_host
from chalicelib.model.errors import NotFound
from chalicelib.model.microversion import Microversion
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.kinds.all_pods import Gathered, Wanted

Pairs = tuple[tuple[str, str], ...]


def request_of(call: Call) -> PodRequest:
    """The client's request, whose path and query stay."""
    return pod_request(call, "compute")


def passing_refusals(view: View) -> View:
    """The view; where a pod refuses what all were asked, the client gets that refusal."""

    @wraps(view)
    def answer(call: Call) -> Reply:
        try:
            return view(call)
        except PodRefused as refusal:
            return reply_of(refusal.answer, call)

    return answer


def version_of(call: Call) -> Microversion:
    """The microversion of an admitted call; the legacy API has none and is as 2.1."""
    return Microversion.parse(call.headers.get("x-openstack-nova-api-version", "2.1"))


def gather(
    call: Call, wanted: Wanted, host_keys: Sequence[str] = (), without: Sequence[str] = ()
) -> Gathered:
    """What all pods tell to the client's own question, without some keys of its query.

    A hostname in the query, under one of the ``host_keys``, names its pod, which alone is asked then.
    """
    pairs = tuple(pair for pair in query_pairs(call) if pair[0] not in without)
    pods, pairs = asked_about(pairs, host_keys)
    request = pod_request(call, "compute", query=pairs)
    return wiring.services().all_pods.gather(call.caller, request, wanted, pods)


def asked_about(pairs: Pairs, host_keys: Sequence[str]) -> tuple[list[Pod], Pairs]:
    """The pods that a query is for, and the query as they get it."""
    pods, own = wiring.services().all_pods.pods(), []
    for key, value in pairs:
        pod_name, host = pod_host.read(value) if key in host_keys else (None, value)
        named = [pod for pod in pods if pod_name in (None, pod.pod_name)]
        # An unknown pod's host isn't found in the oldest pod either, as Nova says it.
        own.append((key, host if named else value))
        pods = named or pods[:1]
    return pods, tuple(own)


def shown(body: object, partial: Sequence[str] = (), status: int = 200) -> Reply:
    """An answer that names the zones of pods that left something out."""
    return Reply(status, body, {PARTIAL: ",".join(partial)} if partial else {})


def told_by(answer: PodAnswer, call: Call, asked: str = "", own: str = "") -> Reply:
    """The reply of the pod that owns a thing, in our words.

    A refusal speaks of what was ``asked`` for, where the pod calls it by its ``own`` id.
    """
    reply = reply_of(answer, call)
    if answer.reply.status >= 400:
        body = re.sub(rb"\b%s\b" % own.encode(), asked.encode(), answer.reply.body) if own else reply.body
        return replace(reply, body=body)
    if not isinstance(reply.body, bytes) or not reply.body.strip():
        return reply
    rewritten = PodAnswer(answer.pod, replace(answer.reply, body=reply.body))
    return replace(reply, body=wiring.services().all_pods.words(rewritten))


def whole_id(text: str) -> int | None:
    """The id in a path, if it is a whole number; else the oldest pod's Nova says what is wrong with it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def host_in_path(call: Call, wanted: Wanted) -> Gathered:
    """What pods tell of the hosts that match the path's pattern, which may name the pod to ask."""
    pods, ((_, pattern),) = asked_about((("", call.path["pattern"]),), ("",))
    return wiring.services().all_pods.gather(call.caller, _with_path(call, pattern), wanted, pods)


def by_number(call: Call, noun: str, missing: NotFound) -> Reply:
    """What the pod replies whose thing the path names by a whole number; no pod has what is ``missing``."""
    text, all_pods = missing.resource_id.strip("'"), wiring.services().all_pods
    number = whole_id(text)
    if number is None:
        return first_pods(call)
    pod, own_id = all_pods.by_number(number, missing)
    return told_by(all_pods.send(pod, _with_path(call, str(own_id)), noun), call, text, str(own_id))


def by_host(call: Call, variable: str) -> Reply:
    """What the pod replies whose host the path names."""
    text, all_pods = call.path[variable], wiring.services().all_pods
    request = request_of(call)
    pod, host = all_pods.by_host(call.caller, text, request)
    return told_by(all_pods.send(pod, _with_path(call, host), "host"), call)


def first_pods(call: Call) -> Reply:
    """What the oldest pod replies to a request that no pod can carry out, so that Nova says what is wrong."""
    all_pods = wiring.services().all_pods
    return told_by(all_pods.send(all_pods.pods()[0], request_of(call), "request"), call)


def _with_path(call: Call, own: str) -> PodRequest:
    """The client's request with the pod's own word for the thing: ``/os-hosts/{thing}/reboot``."""
    segments = call.raw_path.split("/")
    segments[2] = quote(own, safe="")
    return pod_request(call, "compute", path="/".join(segments))


def json_object(call: Call) -> dict[str, Any] | None:
    """The body, if it is a JSON object; else Nova says what is wrong with it."""
    try:
        body = json.loads(call.raw_body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
