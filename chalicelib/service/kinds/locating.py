"""Locating: what a project's list shows and has no location gets one, such as a create's that was cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from chalicelib import observability
from chalicelib.model.identity import Caller
from chalicelib.model.resource import Resource, is_uuid
from chalicelib.service.asking.location import location_of
from chalicelib.service.asking.pages import Listed
from chalicelib.service.ports import Clock, LocationStore

MOST_LOCATED = 50  # in one list
MOST_KNOWN = 50_000
LEAST_SECONDS = 4.0  # that must be left of the request, since a store may be slow

# A server in one of these states is gone, or goes, or nobody knows now.
_GONE = ("DELETED", "SOFT_DELETED", "UNKNOWN")
_LEAVING = ("deleting", "soft-deleting")


@dataclass(slots=True)
class Locating:
    """Writes locations of rows whose ids aren't known, after a list's rows are. A list never fails by it.

    Most rows were in lists before, so this process keeps which ids have a location, and asks the store about
    the others alone.
    """

    locations: LocationStore
    clock: Clock
    _known: set[str] = field(default_factory=set)

    def note(self, caller: Caller, resource: Resource, rows: Sequence[Listed]) -> None:
        """Locate rows of the caller's own project. What is left out, a later list or look finds."""
        unknown = (row for row in rows if row.row["id"] not in self._known and _is_there(caller, row))
        fresh = list(islice(unknown, MOST_LOCATED))
        if not fresh or caller.deadline.left_seconds() < LEAST_SECONDS:
            return
        try:
            self._locate(caller, resource, fresh)
        except Exception:  # whatever it is, the rows are the client's answer
            observability.logger().warning("rows of a list not located", exc_info=True)

    def _locate(self, caller: Caller, resource: Resource, fresh: Sequence[Listed]) -> None:
        found = {location.resource_id for location in self.locations.found(row.row["id"] for row in fresh)}
        for pod, row in fresh:
            if row["id"] not in found:
                if caller.deadline.left_seconds() < LEAST_SECONDS:
                    return
                self.locations.remember(location_of(resource, row, caller, pod, self.clock()))
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known.add(row["id"])


def _is_there(caller: Caller, listed: Listed) -> bool:
    row = listed.row
    is_own = row.get("tenant_id", caller.identity.project_id) == caller.identity.project_id
    is_going = row.get("status") in _GONE or row.get("OS-EXT-STS:task_state") in _LEAVING
    return is_own and not is_going and is_uuid(row["id"]) and row["id"] == row["id"].lower()
