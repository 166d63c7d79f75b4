"""A request to Nova, with its caller and microversion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.standin.identity import Token
from local.standin.message import Fault, Json, Request


@dataclass(frozen=True)
class NovaCall:
    """A request; ``minor`` is the microversion's: 79 means 2.79. ``prefix`` is the API's path, for links."""

    request: Request
    vars: Mapping[str, str]
    caller: Token
    project_id: str
    minor: int
    prefix: str  # "/v2.1" or "/v2.1/{project_id}", as the client wrote it

    def url(self, path: str) -> str:
        """The absolute URL of a path of this API."""
        return f"{self.request.origin}/compute{self.prefix}{path}"

    def links(self, noun: str, resource_id: str) -> list[Json]:
        """The self and bookmark links of a resource."""
        bookmark = f"{self.request.origin}/compute{self.prefix.removeprefix('/v2.1')}/{noun}/{resource_id}"
        return [
            {"rel": "self", "href": self.url(f"/{noun}/{resource_id}")},
            {"rel": "bookmark", "href": bookmark},
        ]

    def needs_member(self, rule: str) -> None:
        """Raise Fault 403 for a reader, who may change nothing."""
        if "member" not in self.caller.roles:
            raise refused(rule)

    def needs_admin(self, rule: str) -> None:
        """Raise Fault 403 for anyone but admins."""
        if not self.caller.is_admin:
            raise refused(rule)

    def needs_service(self, rule: str) -> None:
        """Raise Fault 403 for anyone but admins and services."""
        if not self.caller.serves:
            raise refused(rule)


def refused(rule: str) -> Fault:
    """The 403 of a policy rule, in Nova's words."""
    return Fault(403, f"Policy doesn't allow os_compute_api:{rule} to be performed.")
