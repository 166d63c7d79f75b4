"""Pod request: what is asked of a service of a pod, who replies, and whether that is an answer."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import NoAnswer
from chalicelib.model.identity import Identity
from chalicelib.model.json_values import read_json
from chalicelib.model.pod import Pod


@dataclass(frozen=True, slots=True)
class PodRequest:
    """A request for one service of a pod.

    ``path`` is relative to the service's endpoint, still encoded, starting with a slash, and holds
    the query. ``headers`` are allow-listed by the caller. ``token`` empty means the pod's own
    service credential; else it is that of ``identity``, which a pod with a Keystone of its own serves by a
    credential of the project's. ``read_timeout_seconds`` bounds the whole call, and so does what
    the ``deadline`` of the request that it serves leaves. ``legacy`` asks Nova's API of before microversions.
    """

    method: str
    path: str
    service: str = "compute"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)  # may hold a password or user data
    token: str = field(default="", repr=False)
    identity: Identity | None = None
    request_id: str = ""
    read_timeout_seconds: float = 20.0
    deadline: Deadline = NO_DEADLINE
    legacy: bool = False

    @property
    def changes_something(self) -> bool:
        """Whether it may, so that nobody may repeat it when its outcome is unknown."""
        return self.method not in ("GET", "HEAD")

    def timeout_seconds(self) -> float:
        """How long a call that starts now may last; 0.0 when it can't be in time any more."""
        return self.deadline.at_most(self.read_timeout_seconds)


# Every request to a pod carries this header, and one that comes in with it is refused with this status. Else
# an endpoint that leads back to the gateway would make it ask itself without end.
SENT_ON = "X-Trio2o-Sent-On"
LOOP_DETECTED = 508

# Statuses by which a service speaks of its own state or of our token, and not of the question.
_OF_ITSELF = (401, 429)
_FORBIDDEN = 403
_A_GATEWAYS = (502, 503, 504)
_SUCCESSES = (200, 201, 202, 204, 207)  # of Nova's; it has no redirects
# The token middleware's words while Keystone is silent. It stands before Nova, which hears nothing then.
_BEFORE_NOVA = b"The Keystone service is temporarily unavailable."
_SERVICES_MARK = "x-openstack-request-id"  # every OpenStack service sets it on its own replies
_REQUEST_ID = re.compile(r"req-[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class PodReply:
    """What came back from a pod; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)  # may hold adminPass

    @property
    def request_id(self) -> str:
        """The id under which the service's own records know the request; empty if it tells none."""
        told = self.headers.get(_SERVICES_MARK, "")
        return told if _REQUEST_ID.fullmatch(told) else ""

    @property
    def is_marked(self) -> bool:
        """Whether it has what a service marks its replies with; a proxy may keep it, and change the rest."""
        return _SERVICES_MARK in self.headers

    @property
    def is_the_services(self) -> bool:
        """Whether the service made the reply itself, and not something in front of it, such as a proxy.

        A status is the service's only if the body is too: a JSON object, and of an error one in the form of
        OpenStack's faults. A gateway's errors may have that form, and an empty success says nothing, so these
        must be marked.
        """
        if self.status in _SUCCESSES:
            return self.body.lstrip().startswith(b"{") or (self.is_marked and not self.body.strip())
        if not 400 <= self.status < 600 or (self.status in _A_GATEWAYS and not self.is_marked):
            return False
        return _is_fault(self.body)

    @property
    def came_before_the_service(self) -> bool:
        """Whether the token middleware made it, since Keystone was silent; the service heard nothing."""
        return self.status == 503 and self.is_marked and _BEFORE_NOVA in self.body

    @property
    def is_answer(self) -> bool:
        """Whether the service answers the question, be it with a refusal.

        Otherwise the reply tells of the pod's own trouble: it is a 5xx, 401 or 429, or not the service's.
        """
        if self.status >= 500 or self.status in _OF_ITSELF:
            return False
        return self.is_the_services


def _is_fault(body: bytes) -> bool:
    """Whether it is ``{"itemNotFound": {"code": 404, "message": "..."}}`` or the like."""
    try:
        told = read_json(body)
    except ValueError:
        return False
    return isinstance(told, dict) and [type(inside) for inside in told.values()] == [dict]


def from_service(pod: Pod, reply: PodReply) -> PodReply:
    """The reply, whatever its status, if the service made it. Only such a reply is passed on to a client.

    Raises PodUnreachable when something in front of the service made it, or when no client could read it.
    ``sent`` is False for a 4xx, by which a proxy says that it passed nothing on; after any other status the
    request may have arrived. So may it after a 403: a firewall forbids replies too, when the service has done
    its work.
    """
    if not reply.is_the_services:
        passed_on = not 400 <= reply.status < 500 or reply.status == _FORBIDDEN
        message = f"something in front of {pod.pod_name} answered {reply.status}"
        raise NoAnswer(pod.pod_id, message, sent=passed_on and not reply.came_before_the_service)
    try:
        if reply.body.strip():
            read_json(reply.body)
    except ValueError as error:
        raise no_answer(pod, reply) from error
    return reply


def answered(pod: Pod, reply: PodReply) -> PodReply:
    """The reply, if it is an answer. Raises PodUnreachable when it tells of the pod's own trouble."""
    if not reply.is_answer:
        raise no_answer(pod, reply)
    return reply


# How a service denies something to a caller: the id can't be one, the caller may not see it and so can't use
# it, or it isn't there. A 409 isn't among them: it tells of the moment, and the next answer may be a yes.
NOT_FOR_CALLER = (400, 403, 404)


def has(pod: Pod, reply: PodReply, denials: Container[int] = (404,)) -> bool:
    """Whether the pod has what it was asked to show: a 200 says yes, one of the ``denials`` says no.

    Raises PodUnreachable for every other reply. It says neither, and "no" is remembered or told to a client,
    while an unsure one is asked again.
    """
    if answered(pod, reply).status == 200:
        return True
    if reply.status in denials:
        return False
    raise no_answer(pod, reply)


def no_answer(pod: Pod, reply: PodReply) -> NoAnswer:
    """The error for a reply that says nothing about the question."""
    said = f"answered {reply.status}, which is no answer"
    if reply.status == LOOP_DETECTED:
        said = "is a Trio2o gateway itself, and no pod"
    return NoAnswer(pod.pod_id, f"{pod.pod_name} {said}", sent=True)
