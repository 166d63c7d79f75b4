"""Pod request: what is asked of a service of a pod, what it replies, and whether that is an answer."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod


@dataclass(frozen=True, slots=True)
class PodRequest:
    """A request for one service of a pod.

    ``path`` is relative to the service's endpoint, still encoded, starting with a slash, and holds
    the query. ``headers`` are allow-listed by the caller. ``token`` empty means the pod's own
    service credential. ``read_timeout_seconds`` bounds the whole call, and so does what
    the ``deadline`` of the request that it serves leaves.
    """

    method: str
    path: str
    service: str = "compute"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)  # may hold a password or user data
    token: str = field(default="", repr=False)
    request_id: str = ""
    read_timeout_seconds: float = 20.0
    deadline: Deadline = NO_DEADLINE

    def timeout_seconds(self) -> float:
        """How long a call that starts now may last; 0.0 when it can't be in time any more."""
        return self.deadline.at_most(self.read_timeout_seconds)


# Statuses by which a service speaks of its own state or of our token, and not of the question.
_OF_ITSELF = (401, 429)
_FROM_A_PROXY = (502, 503, 504)
_SERVICES_MARK = "x-openstack-request-id"  # every OpenStack service sets it on its own replies


@dataclass(frozen=True, slots=True)
class PodReply:
    """What came back from a pod; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)  # may hold adminPass

    @property
    def is_answer(self) -> bool:
        """Whether the service answers the question, be it with a refusal.

        Otherwise the reply tells of the pod's own trouble: it is a 5xx, 401 or 429, or it is neither marked
        as an OpenStack service's nor a JSON object, so that something in front of the service made it.
        """
        if self.status >= 500 or self.status in _OF_ITSELF:
            return False
        return _SERVICES_MARK in self.headers or self.body.lstrip().startswith(b"{")

    @property
    def is_of_a_dead_service(self) -> bool:
        """Whether a proxy replies because the service behind it doesn't."""
        return self.status in _FROM_A_PROXY and _SERVICES_MARK not in self.headers


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


def no_answer(pod: Pod, reply: PodReply) -> PodUnreachable:
    """The error for a reply that says nothing about the question."""
    return PodUnreachable(
        pod.pod_id, f"{pod.pod_name} answered {reply.status}, which is no answer", sent=True
    )
