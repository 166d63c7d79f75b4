"""Location store in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.adapters.memory.transaction import LOCK, Step
from chalicelib.model.deed import Deed
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.location import Location
from chalicelib.model.sweep import Sweep


class MemoryLocationStore:
    """Keeps the locations in a dict. An ended one expires after ``ttl_days``."""

    def __init__(self, now: Callable[[], datetime], ttl_days: int = 30) -> None:
        """``now`` decides what has expired."""
        self._locations: dict[str, Location] = {}
        self._sweeps: dict[str, Sweep] = {}
        self._now = now
        self._ttl = timedelta(days=ttl_days)

    def get(self, resource_id: str) -> Location | None:
        """A location. An ended one is found too, until it expires."""
        location = self._locations.get(resource_id)
        if location is None or location.ended_at is None:
            return location
        return location if location.ended_at + self._ttl > self._now() else None

    def remember(self, location: Location) -> Location:
        """Write a location if there is none, it has ended, or only this one names its decision.

        What another pod or project has stays theirs, since a pod may name any id in its answer.
        Returns the one that is stored then.
        """
        with LOCK:
            stored = self._in_the_way_of(location)
            if stored is None:
                self._keep(location)
            return stored or location

    def addition(self, location: Location) -> Step:
        """The same, as a write that joins a transaction, all of which fails if another one is kept."""
        return Step(lambda: self._keep(location), check=lambda: self._refuse_beside(location))

    def end(self, resource_id: str, at: datetime, deleted: bool = False, deed: Deed | None = None) -> None:
        """End a location, since its pod accepted its delete (``deleted``) or says that it is gone.

        With ``deed`` an operator ends it. Nothing happens if it has ended already or was never there.
        """
        stored = self._locations.get(resource_id)
        if stored is not None and stored.ended_at is None:
            ended = replace(stored, ended_at=at, deleted=deleted, deed=deed or stored.deed)
            self._locations[resource_id] = ended

    def move(self, before: Location, pod_id: str, deed: Deed) -> Location:
        """Put a location, ended or not, into another pod. Raises GenerationConflict."""
        with LOCK:
            stored = self._locations.get(before.resource_id)
            if stored is None or (stored.pod_id, stored.ended_at) != (before.pod_id, before.ended_at):
                raise GenerationConflict(f"{before.resource_id} ended or moved meanwhile")
            self._keep(stored.moved(pod_id, deed))
            return self._locations[before.resource_id]

    def build_failed(self, resource_id: str, at: datetime) -> bool:
        """Mark a server that found no host in its pod. True for the first caller, who counts it."""
        stored = self._locations.get(resource_id)
        if stored is None or stored.build_failed_at is not None:
            return False
        self._locations[resource_id] = replace(stored, build_failed_at=at)
        return True

    def sweep(self, pod_id: str) -> Sweep | None:
        """How far the look through a pod's servers has come; None before the first."""
        return self._sweeps.get(pod_id)

    def keep_sweep(self, sweep: Sweep) -> None:
        """Keep how far it has come."""
        self._sweeps[sweep.pod_id] = sweep

    def page_of_pod(
        self, pod_id: str, after: Location | None, limit: int, project_id: str = ""
    ) -> list[Location]:
        """Some of those in a pod that haven't ended, oldest first, after one of them."""
        live = [x for x in self._locations.values() if x.pod_id == pod_id and x.ended_at is None]
        wanted = sorted((x for x in live if project_id in ("", x.project_id)), key=_place)
        return [x for x in wanted if after is None or _place(x) > _place(after)][:limit]

    def found(self, resource_ids: Iterable[str]) -> list[Location]:
        """The locations that there are of these resources, ended ones too."""
        locations = (self.get(resource_id) for resource_id in resource_ids)
        return [location for location in locations if location is not None]

    def of_pod_request(self, pod_request_id: str) -> list[Location]:
        """What a create made that its pod knows by this id, ended ones too."""
        made = [x.resource_id for x in self._locations.values() if x.pod_request_id == pod_request_id]
        return self.found(made)

    def created_since(self, pod_id: str, since: datetime, limit: int) -> list[Location]:
        """A pod's resources that haven't ended, created at ``since`` or later, oldest first."""
        live = [x for x in self._locations.values() if x.pod_id == pod_id and x.ended_at is None]
        return sorted((x for x in live if x.created_at >= since), key=lambda x: x.created_at)[:limit]

    def of_project(self, project_id: str, pod_id: str) -> list[Location]:
        """A project's resources in a pod that haven't ended, oldest first."""
        return [location for location in self.of_pod(pod_id) if location.project_id == project_id]

    def of_pod(self, pod_id: str, limit: int = 1000) -> list[Location]:
        """Resources in a pod that haven't ended, oldest first."""
        live = [x for x in self._locations.values() if x.pod_id == pod_id and x.ended_at is None]
        return sorted(live, key=lambda x: x.created_at)[:limit]

    def _in_the_way_of(self, location: Location) -> Location | None:
        """The stored location that this one doesn't replace."""
        stored = self._locations.get(location.resource_id)
        owner = (location.pod_id, location.project_id)
        found = stored is not None and stored.was_only_found and (stored.pod_id, stored.project_id) == owner
        better = bool(location.decision_id) and found
        return stored if stored is not None and stored.ended_at is None and not better else None

    def _keep(self, location: Location) -> None:
        self._locations[location.resource_id] = location

    def _refuse_beside(self, location: Location) -> None:
        if self._in_the_way_of(location) is not None:
            raise GenerationConflict(f"{location.resource_id} has a location already")


def _place(location: Location) -> tuple[datetime, str]:
    return location.created_at, location.resource_id
