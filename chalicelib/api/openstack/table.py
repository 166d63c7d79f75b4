"""Table: the routes of an API as data, one row for each verb of a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.api.call import View
from chalicelib.model.identity import Role
from chalicelib.model.microversion import Microversion
from chalicelib.model.resource import Resource

Kind = Callable[["Row"], View]
"""Says where the answers of a row come from, by making the row's view. Raises IncompleteRow."""

VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


class IncompleteRow(Exception):
    """A row lacks what its kind needs, or holds what its kind has no use for."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a POST to a path that ends with ``/action`` may ask for: ``name`` is the one key of its body.

    ``policy``, ``since`` and ``until`` are as in ``Row``.
    """

    name: str
    policy: str
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A route: who may use it (``role``), and how it is answered (``kind``).

    ``path`` is what follows the API's prefix and the project's id. ``resource`` is the noun of OpenStack
    that it concerns. Rows of PLACED and OWN bring their ``view``, those of LOCATED may, and the other kinds
    make it; ``serve`` is the one in use. Role and kind have no default, so no route is open by accident.
    ``since`` and ``until`` are the first and the last microversion that have the route, empty where there is
    no bound: with another it is 404, as in Nova. ``policy`` is the service's own name for the rule that a
    caller with too low a role breaks; ``actions`` have policies of their own. Raises IncompleteRow.
    """

    method: str
    path: str
    kind: Kind
    role: Role
    resource: Resource | None = None
    view: View | None = None
    since: str = ""
    until: str = ""
    policy: str = ""
    actions: tuple[Action, ...] = ()
    serve: View = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.method not in VERBS:
            raise IncompleteRow(f"{self}: there is no such verb")
        if self.path and not self.path.startswith("/"):
            raise IncompleteRow(f"{self}: a path is empty or begins with a slash")
        if not isinstance(self.role, Role):
            raise IncompleteRow(f"{self}: {self.role!r} is no Role")
        if self.resource is not None and not isinstance(self.resource, Resource):
            raise IncompleteRow(f"{self}: {self.resource!r} is no Resource; a view is passed as `view=`")
        of_actions = (bound for action in self.actions for bound in (action.since, action.until))
        for bound in (self.since, self.until, *of_actions):
            if bound and not _is_version(bound):
                raise IncompleteRow(f"{self}: {bound!r} is no microversion")
        object.__setattr__(self, "serve", self.kind(self))

    def is_in(self, version: Microversion) -> bool:
        """Whether a microversion has the route."""
        after = not self.since or Microversion.parse(self.since) <= version
        return after and (not self.until or version <= Microversion.parse(self.until))

    def __str__(self) -> str:
        return f"{self.method} {self.path or '/'}"


def _is_version(text: str) -> bool:
    try:
        return bool(Microversion.parse(text))
    except ValueError:
        return False
