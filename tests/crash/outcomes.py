"""Outcomes: what can become of one call of a process to a store, to Keystone or to a pod."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chalicelib.model.errors import KeystoneUnavailable, PodUnreachable, StoreBusy
from chalicelib.model.pod_request import PodReply

LATE_SECONDS = 30.0
VERY_LATE_SECONDS = 240.0  # after the time-out of a POST; the last that an intent's settling allows for
SLOW_SECONDS = 23.0  # nearly all that a request has
MARK = {"x-openstack-request-id": "req-00000000-0000-4000-8000-00000000dead"}


class Kind(Enum):
    """What is called, and whether the call changes something there."""

    POD_CREATE = "a pod's Nova, to make servers"
    POD_WRITE = "a pod's Nova, to change something"
    POD_LIST = "a pod's Nova, for its servers"
    POD_READ = "a pod's Nova, for anything else"
    STORE_WRITE = "a store, to write"
    STORE_READ = "a store"
    KEYSTONE = "Keystone"


@dataclass(frozen=True)
class Boundary:
    """An I/O boundary: what a process does (its role), and whom it calls for what."""

    role: str
    name: str
    kind: Kind


class Crashed(BaseException):
    """The process is killed. Nothing catches it, and what clean-up code tries has no effect any more."""


@dataclass(frozen=True)
class Attempt:
    """A call that is about to be made. ``seconds`` is how long its caller waits for an answer."""

    act: Callable[[], Any]
    die: Callable[[], None]
    later: Callable[[float, Callable[[], object]], None]
    passes: Callable[[float], None]
    pod_id: str = ""
    seconds: float = 3.0


Outcome = Callable[[Attempt], Any]


def _crash_before(attempt: Attempt) -> Any:
    attempt.die()
    raise Crashed


def _crash_after(attempt: Attempt) -> Any:
    attempt.act()
    attempt.die()
    raise Crashed


def _unreached(attempt: Attempt) -> Any:
    raise PodUnreachable(attempt.pod_id, "connection refused", sent=False)


def _silence(attempt: Attempt) -> PodUnreachable:
    return PodUnreachable(attempt.pod_id, "no answer", sent=True)


def _lost(attempt: Attempt) -> Any:
    raise _silence(attempt)


def _answer_lost(attempt: Attempt) -> Any:
    attempt.act()
    raise _silence(attempt)


def _time_out(attempt: Attempt) -> Any:
    attempt.passes(attempt.seconds)
    raise _silence(attempt)


def _done_after_all(attempt: Attempt) -> Any:
    attempt.act()
    attempt.passes(attempt.seconds)
    raise _silence(attempt)


def _late(seconds: float) -> Outcome:
    def late(attempt: Attempt) -> Any:
        attempt.passes(attempt.seconds)
        attempt.later(seconds, attempt.act)
        raise _silence(attempt)

    return late


def _error(attempt: Attempt) -> Any:
    return _fault(500, "computeFault", "Unexpected API Error.")


def _error_though_done(attempt: Attempt) -> Any:
    attempt.act()
    return _error(attempt)


def _proxy_error(status: int) -> Outcome:
    def proxy_error(attempt: Attempt) -> Any:
        attempt.act()
        return PodReply(status, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")

    return proxy_error


def _no_quota(attempt: Attempt) -> Any:
    return _fault(403, "forbidden", "Quota exceeded for cores: Requested 1, but already used 9 of 9 cores")


def _denied(attempt: Attempt) -> Any:
    return _fault(400, "badRequest", "No such image.")


def _nothing_listed(attempt: Attempt) -> Any:
    """The pod's own database is behind, for a moment."""
    return PodReply(200, MARK, b'{"servers": []}')


def _fault(status: int, name: str, message: str) -> PodReply:
    return PodReply(status, MARK, json.dumps({name: {"code": status, "message": message}}).encode())


def _busy(attempt: Attempt) -> Any:
    raise StoreBusy("the store refuses")


def _busy_though_written(attempt: Attempt) -> Any:
    attempt.act()
    raise StoreBusy("the store's answer is lost")


def _written_twice(attempt: Attempt) -> Any:
    """The first answer is lost, and the adapter tries again."""
    attempt.act()
    return attempt.act()


def _written_late(attempt: Attempt) -> Any:
    attempt.passes(attempt.seconds)
    attempt.later(1.0, lambda: _whatever_comes_of_it(attempt.act))
    raise StoreBusy("the store doesn't answer")


def _whatever_comes_of_it(act: Callable[[], Any]) -> None:
    try:
        act()
    except Exception:
        return  # by now the write isn't allowed any more, and nobody is left to be told


def _slow(attempt: Attempt) -> Any:
    attempt.passes(SLOW_SECONDS)
    return attempt.act()


def _no_keystone(attempt: Attempt) -> Any:
    raise KeystoneUnavailable("Keystone doesn't answer")


_PODS = (Kind.POD_CREATE, Kind.POD_WRITE, Kind.POD_LIST, Kind.POD_READ)
_CHANGES = (Kind.POD_CREATE, Kind.POD_WRITE)
_STORES = (Kind.STORE_WRITE, Kind.STORE_READ)
_BY_KINDS: Mapping[str, tuple[tuple[Kind, ...], Outcome]] = {
    "crash before": (tuple(Kind), _crash_before),
    "crash after": (tuple(Kind), _crash_after),
    "connection refused": (_PODS, _unreached),
    "lost": (_PODS, _lost),
    "time-out": (_PODS, _time_out),
    "answer lost": (_CHANGES, _answer_lost),
    "time-out though done": (_CHANGES, _done_after_all),
    "done late": (_CHANGES, _late(LATE_SECONDS)),
    "done very late": (_CHANGES, _late(VERY_LATE_SECONDS)),
    "500": (_PODS, _error),
    "500 though done": (_CHANGES, _error_though_done),
    "a proxy's 502 though done": (_CHANGES, _proxy_error(502)),
    "a proxy's 503 though done": (_CHANGES, _proxy_error(503)),
    "refused by quota": ((Kind.POD_CREATE,), _no_quota),
    "refused": (_CHANGES, _denied),
    "nothing listed": ((Kind.POD_LIST,), _nothing_listed),
    "busy": (_STORES, _busy),
    "busy though written": ((Kind.STORE_WRITE,), _busy_though_written),
    "written twice": ((Kind.STORE_WRITE,), _written_twice),
    "written late": ((Kind.STORE_WRITE,), _written_late),
    "slow": (_STORES, _slow),
    "no Keystone": ((Kind.KEYSTONE,), _no_keystone),
}
CRASHES = ("crash before", "crash after")


def outcome(name: str) -> Outcome:
    """The outcome with this name; ``ok`` makes the call, and nothing else happens."""
    return _BY_KINDS[name][1] if name in _BY_KINDS else lambda attempt: attempt.act()


def outcomes_of(kind: Kind) -> list[str]:
    """The names of all outcomes but ``ok`` that a call of this kind can have."""
    return [name for name, (kinds, _) in _BY_KINDS.items() if kind in kinds]
