"""Call and reply: a request as a view sees it, and the answer that a view gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from chalicelib.api.json_body import read_json
from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.identity import Caller
from chalicelib.model.refusals import Refusals, all_refusals, named


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a view sees it.

    ``path`` holds the path's variables, decoded, by the names that the route gives them. ``raw_path`` is
    what follows the API's ``prefix`` and the project id, still encoded, for forwarding. ``query`` keeps
    repeated keys. Header names are lower case. ``base_url`` is the gateway's address as clients see it,
    without a version. ``deadline`` counts from the request's arrival.
    """

    method: str
    raw_path: str
    path: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str] = field(repr=False)  # the token is among them
    raw_body: bytes = field(repr=False)
    request_id: str
    base_url: str
    prefix: str = ""
    known_caller: Caller | None = None
    deadline: Deadline = NO_DEADLINE

    @property
    def caller(self) -> Caller:
        """Who calls. Raises RuntimeError on a route for ANYONE, which has no caller."""
        if self.known_caller is None:
            raise RuntimeError("this route is open to anyone and has no caller")
        return self.known_caller

    @property
    def project_path(self) -> str:
        """The project's id as the path has it before ``raw_path``; empty where the path names no project."""
        return f"/{self.path['project_id']}" if "project_id" in self.path else ""

    def json(self, single_keys: bool = False) -> object:
        """The body's value. Raises InvalidField when it isn't JSON that could be written again.

        ``single_keys`` refuses objects that name a key twice, since one of its values would be lost.
        """
        with all_refusals() as refusals:
            return read_json(self.raw_body, partial(_with_single_keys, refusals) if single_keys else None)


def _with_single_keys(refusals: Refusals, pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        for key, times in Counter(key for key, _ in pairs).items():
            if times > 1:
                refusals.add(named(key), "is given more than once")
    return found


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: ``body`` is written as JSON, bytes and text go as they are, None is an empty body."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


View = Callable[[Call], Reply]
