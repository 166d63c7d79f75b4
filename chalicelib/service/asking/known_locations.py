"""Known locations: where resources are, as this process read it lately."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.model.identity import Identity
from chalicelib.model.location import Location
from chalicelib.service.ports import Clock, LocationStore

MOST_KNOWN = 10_000
KEEP = timedelta(seconds=30)


@dataclass(slots=True)
class KnownLocations:
    """Saves reading the store for clients that wait for a server and ask for it again and again.

    What may be outdated is that a resource hasn't ended, so only live ones are kept; and, where an operator
    moved a location, its pod.
    """

    store: LocationStore
    clock: Clock
    _known: dict[str, tuple[datetime, Location]] = field(default_factory=dict)

    def get(self, resource_id: str, reader: Identity) -> Location | None:
        """The location of a resource; None where it has none.

        For who may not see it the store is read, as it is for a resource that isn't there.
        """
        now = self.clock()
        read_at, location = self._known.get(resource_id, (now, None))
        if location is not None and timedelta(0) <= now - read_at < KEEP and reader.sees(location.project_id):
            return location
        return self._read(resource_id, now)

    def anew(self, resource_id: str) -> Location | None:
        """The same, as the store has it now."""
        self._known.pop(resource_id, None)
        return self.store.get(resource_id)

    def _read(self, resource_id: str, now: datetime) -> Location | None:
        location = self.anew(resource_id)
        if location is not None and location.ended_at is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[resource_id] = now, location
        return location
