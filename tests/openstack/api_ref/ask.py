"""Ask: one request that a pod's Nova and the gateway must answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSIONS = ("2.1", "2.26", "2.37", "2.53", "2.79", "2.90", "latest")
ADMIN, MEMBER = "admin", "member"
EVERYBODY = (MEMBER, ADMIN)


@dataclass(frozen=True)
class Ask:
    """A request, with ``{name}`` in its path and body for what a site or an earlier request gives.

    ``who`` are the users that send it, one after the other. ``keep`` names what later requests need of the
    answer, as ``server.id``. ``until`` is a state that the server ``{new}`` must reach before the next
    request: its status, or "gone". See waits.py for the others.
    """

    method: str
    path: str
    body: Any = None
    who: tuple[str, ...] = (MEMBER,)
    keep: Mapping[str, str] = field(default_factory=dict)
    until: str = ""

    def __str__(self) -> str:
        what = f" {next(iter(self.body))}" if isinstance(self.body, dict) and len(self.body) == 1 else ""
        return f"{self.method} {self.path or '/'}{what}"


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """A path or a body with each ``{name}`` replaced by its value."""
    if isinstance(template, str):
        for name, value in values.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, dict):
        return {filled(key, values): filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(item, values) for item in template]
    return template
