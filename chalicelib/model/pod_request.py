"""Pod request: what is asked of a service of a pod, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.model.deadline import NO_DEADLINE, Deadline


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


@dataclass(frozen=True, slots=True)
class PodReply:
    """A pod's answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)  # may hold adminPass
