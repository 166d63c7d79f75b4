"""Sweep: how far the look through a pod's list for servers that we don't know has come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.model.intent import Marker

# Clocks of pods differ from ours, and Nova dates in whole seconds.
_OVERLAP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server as its pod lists it to the refresh.

    ``deleted``: it is gone. ``leaving``: its delete was accepted. ``takes_labels``: Nova would now let
    its tags and metadata be changed. ``marker`` is what its create left on it.
    """

    server_id: str
    project_id: str
    name: str
    created_at: datetime
    deleted: bool = False
    leaving: bool = False
    takes_labels: bool = False
    marker: Marker | None = None

    @property
    def stays(self) -> bool:
        """Whether it is there, and isn't about to go."""
        return not (self.deleted or self.leaving)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One walk through a pod's servers, which may take several rounds.

    It began at ``began_at`` and looks at what changed ``since`` then; None: at all servers. ``marker`` is the
    last one that was looked at; empty at the beginning.
    """

    pod_id: str
    began_at: datetime
    since: datetime | None = None
    marker: str = ""

    def begun(self, now: datetime) -> Sweep:
        """The sweep to go on with; if it stands at its beginning, it begins now."""
        return self if self.marker else replace(self, began_at=now)

    def after(self, server_id: str) -> Sweep:
        """The same once this server was looked at; empty: from the beginning again."""
        return replace(self, marker=server_id)

    def over(self) -> Sweep:
        """The next one, which looks at what changed since this one began."""
        return Sweep(self.pod_id, self.began_at, self.began_at - _OVERLAP)
