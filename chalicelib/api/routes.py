"""Routes: each says once who may come and what kind it is, and is answered in its API's own dialect."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, Protocol
from urllib.parse import unquote

from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import InvalidField
from chalicelib.model.identity import Caller, Role

MOST_ID_BYTES = 1000
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


class Kind(StrEnum):
    """Where a route's answer comes from (DESIGN 6)."""

    LOCATED = "located"
    MERGED = "merged"
    PLACED = "placed"
    EVERY_POD = "every pod"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a view sees it.

    ``path`` holds the path variables, decoded; ``raw_path`` is what follows the prefix, still
    encoded, for forwarding. ``query`` keeps repeated keys. Header names are lower case.
    ``base_url`` is ours, as clients see it, without a version. ``deadline`` counts from its arrival.
    """

    method: str
    raw_path: str
    path: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str] = field(repr=False)  # the token is among them
    raw_body: bytes = field(repr=False)
    request_id: str
    base_url: str
    known_caller: Caller | None = None
    deadline: Deadline = NO_DEADLINE

    @property
    def caller(self) -> Caller:
        """Who calls; only a route for ANYONE has none."""
        if self.known_caller is None:
            raise RuntimeError("this route is open to anyone and has no caller")
        return self.known_caller

    def json(self, single_keys: bool = False) -> object:
        """The body; raises InvalidField when it isn't JSON.

        With ``single_keys`` also when an object names a key twice, of which one would go unheeded.
        """
        hook = _single if single_keys else None
        try:
            return json.loads(self.raw_body, parse_constant=_refuse_constant, object_pairs_hook=hook)
        except (ValueError, RecursionError) as error:
            raise InvalidField("body", "Malformed request body: it is not valid JSON") from error


def _single(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidField(key, "is given more than once")
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which no other JSON reader does.
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: ``body`` is written as JSON, bytes and text go as they are, None is an empty body."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


View = Callable[[Call], Reply]


class Dialect(Protocol):
    """How an API says who speaks, what went wrong, and what every answer carries."""

    def admit(self, call: Call, role: Role) -> Call:
        """The call with its caller; raises what access raises, and InvalidField for a bad version."""

    def fault(self, error: Exception, call: Call) -> Reply:
        """The error in the shape that this API's clients expect."""

    def unserved(self, call: Call, allowed: tuple[str, ...]) -> Reply:
        """The answer for a verb that isn't served here, or (nothing allowed) an unknown path."""

    def headers(self, call: Call) -> Mapping[str, str]:
        """The headers of every answer, faults too."""


@dataclass(frozen=True, slots=True)
class Route:
    """A verb of a path, who may use it, and what kind it is."""

    method: str
    path: str
    role: Role
    kind: Kind
    view: View


class Routes:
    """The routes of one API; ``project_prefix`` registers all a second time below a project's id."""

    def __init__(self, prefix: str, dialect: Dialect, project_prefix: str = "") -> None:
        """Start empty; views add themselves with ``route``."""
        self.dialect = dialect
        self._prefixes = (prefix, project_prefix) if project_prefix else (prefix,)
        self._routes: list[Route] = []

    def route(self, method: str, path: str, *, role: Role, kind: Kind) -> Callable[[View], View]:
        """Declare a view; role and kind have no default, so no route is open by accident."""

        def declare(view: View) -> View:
            self._routes.append(Route(method, path, role, kind, view))
            return view

        return declare

    def paths(self) -> Iterator[tuple[str, str, dict[str, Route]]]:
        """Every full path with its prefix and its routes by verb."""
        by_path: dict[str, dict[str, Route]] = {}
        for route in self._routes:
            by_path.setdefault(route.path, {})[route.method] = route
        for prefix in self._prefixes:
            for path, verbs in by_path.items():
                yield prefix, (prefix + path).rstrip("/") or "/", verbs


def answer(call: Call, verbs: Mapping[str, Route], dialect: Dialect) -> Reply:
    """Admit the caller, run the view, and turn every error into the dialect's fault."""
    try:
        route = verbs.get(call.method)
        call = dialect.admit(call, route.role if route else Role.READER)
        _refuse_long(call.path)
        reply = route.view(call) if route else dialect.unserved(call, tuple(sorted(verbs)))
    except Exception as error:  # every error becomes a fault here, the unforeseen too
        reply = dialect.fault(error, call)
    return Reply(reply.status, reply.body, {**dialect.headers(call), **reply.headers})


def _refuse_long(variables: Mapping[str, str]) -> None:
    # No id of ours or of OpenStack's comes near; a store's keys end at 1024 bytes.
    for name, value in variables.items():
        if len(value.encode(errors="replace")) > MOST_ID_BYTES:
            raise InvalidField(name, f"must have at most {MOST_ID_BYTES} bytes")


def decoded(variables: Mapping[str, str]) -> dict[str, str]:
    """Path variables for our own logic; what is forwarded stays encoded."""
    return {name: unquote(value) for name, value in variables.items()}
