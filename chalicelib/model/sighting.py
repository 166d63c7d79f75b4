"""Sighting: how far a new server has come in its pod, by which it is known whether a report counts it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.model.capacity import HYPERVISORS


class Stage(StrEnum):
    """How far a server has come."""

    WAITING = "waiting"  # no host has it yet, so a report may count it or not
    PLACED = "placed"  # a host has it; Nova took its room in Placement before that
    LAUNCHED = "launched"  # it has run; by then its host's own figures include it
    FREED = "freed"  # it is gone, or no host will ever have it

    def is_settled_for(self, source: str) -> bool:
        """Whether a report whose observation begins now needs no claim beside it for the server.

        ``source`` is where the report's figures come from. It then counts the server, or rightly doesn't.
        """
        if self is Stage.PLACED:
            return source != HYPERVISORS
        return self is not Stage.WAITING


@dataclass(frozen=True, slots=True)
class Sighting:
    """A server as its pod listed it; ``found_no_host`` when it failed for want of one."""

    server_id: str
    stage: Stage
    found_no_host: bool = False
