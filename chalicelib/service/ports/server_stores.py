"""Ports to what is stored of servers: creates under way, where servers are, and those that nobody owns.

Each has two adapters: DynamoDB's, and one in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.model.deed import Deed
from chalicelib.model.intent import Intent
from chalicelib.model.location import Location
from chalicelib.model.stray import Stray
from chalicelib.model.sweep import Sweep
from chalicelib.service.ports.stores import Write


class IntentStore(Protocol):
    """Creates from the moment before their pod is told until their servers are known.

    They expire ``intent_ttl_days`` after they were made, whatever became of them.
    """

    def get(self, slot: str) -> Intent | None:
        """The intent in a slot, read strongly; None when there is none, or it expired."""

    def put(self, intent: Intent, also: Sequence[Write] = ()) -> Intent:
        """Write if the stored generation is ``intent.generation``; returns it with the next one.

        Raises GenerationConflict, also when one of the writes that join isn't allowed now: nothing is
        written then. When what is stored is this very write, an earlier try had succeeded, and nothing is
        raised.
        """

    def write(self, intent: Intent) -> Write:
        """The same, as a write that joins a binding's transaction."""

    def posting(self, settled_by: datetime, limit: int, newest: bool = False) -> list[Intent]:
        """Those whose outcome isn't known and that are settled by then, the oldest first, or the ``newest``
        (eventually consistent).
        """


class LocationStore(Protocol):
    """Which pod holds which server."""

    def get(self, resource_id: str) -> Location | None:
        """The location, ended or not, read strongly; None when there is none."""

    def remember(self, location: Location) -> Location:
        """Write if absent or ended (which revives it); returns what is stored.

        A location that names its decision also replaces one that doesn't: the create whose server it is knows
        more than who only found the server.
        """

    def addition(self, location: Location) -> Write:
        """The same, as a write that joins a transaction, all of which fails if another location is kept."""

    def end(self, resource_id: str, at: datetime, deleted: bool = False, deed: Deed | None = None) -> None:
        """End a location, since its pod accepted its delete (``deleted``) or says that it is gone.

        With ``deed`` an operator ends it. Ending it twice is harmless; the first time counts.
        """

    def move(self, before: Location, pod_id: str, deed: Deed) -> Location:
        """Put a location into another pod, where it lives, ended or not; returns it as it is then.

        Raises GenerationConflict when it ended, lived again or moved since it was read.
        """

    def of_project(self, project_id: str, pod_id: str) -> list[Location]:
        """A project's resources in a pod that haven't ended (eventually consistent)."""

    def of_pod(self, pod_id: str, limit: int = 1000) -> list[Location]:
        """Resources in a pod that haven't ended (eventually consistent)."""

    def page_of_pod(
        self, pod_id: str, after: Location | None, limit: int, project_id: str = ""
    ) -> Sequence[Location]:
        """Some of those in a pod that haven't ended, oldest first, after one of them (None: the oldest).

        ``project_id`` is that of the project whose locations are asked for; empty: of any. It is eventually
        consistent.
        """

    def found(self, resource_ids: Iterable[str]) -> list[Location]:
        """The locations that there are of these resources, ended ones too, read strongly."""

    def of_pod_request(self, pod_request_id: str) -> list[Location]:
        """What a create made that its pod knows by this id, ended ones too (eventually consistent)."""

    def created_since(self, pod_id: str, since: datetime, limit: int) -> list[Location]:
        """A pod's resources that haven't ended, created at ``since`` or later (eventually consistent)."""

    def build_failed(self, resource_id: str, at: datetime) -> bool:
        """Mark a server as a failed build; True only for the first to do so, who counts it."""

    def sweep(self, pod_id: str) -> Sweep | None:
        """How far the look through a pod's servers has come; None before the first."""

    def keep_sweep(self, sweep: Sweep) -> None:
        """Write how far it has come; the last one who writes wins, since looking twice is harmless."""


class StrayStore(Protocol):
    """Servers that creates left behind, until they are gone or somebody's."""

    def list(self) -> list[Stray]:
        """All of them, those first that were seen first (a scan; usually there are none)."""

    def put(self, stray: Stray) -> None:
        """Note one; one that is noted already stays as it is."""

    def forget(self, server_id: str) -> None:
        """It is gone, or somebody's; nothing happens when it isn't noted."""
