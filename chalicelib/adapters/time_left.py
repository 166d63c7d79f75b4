"""Time left: how long the request that is being served may still wait for a store, a queue or Keystone.

Services hand a request's deadline to what asks pods. Stores have methods that know of no request, so here the
deadline lies in the context, which the threads of a fan-out take along.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.model.deadline import NO_DEADLINE, Deadline

LEAST_SECONDS = 0.001  # a socket takes no time-out of zero
_deadline: ContextVar[Deadline] = ContextVar("deadline", default=NO_DEADLINE)


@contextmanager
def serving(deadline: Deadline) -> Iterator[None]:
    """All waits inside end at the deadline. Outside of it, in background work, there is none."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def is_over() -> bool:
    """Whether a call that starts now would come too late."""
    return _deadline.get().left_seconds() <= 0.0


def at_most(seconds: float) -> float:
    """A wait of that many seconds, or of what is left if that is less; never quite zero."""
    return max(LEAST_SECONDS, _deadline.get().at_most(seconds))


def bound(client: Any) -> None:
    """Let no answer to a client of botocore's be waited for beyond the deadline."""
    usual = client.meta.config.read_timeout

    def limit(request: Any, **_: Any) -> None:
        request.context["read_timeout"] = at_most(usual)

    client.meta.events.register("before-send", limit)
