"""Location store: which pod holds which server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.location_items import LocationItem, LocationWrite, write_deed
from chalicelib.adapters.dynamodb.transaction import written
from chalicelib.model.deed import Deed
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.location import Location
from chalicelib.model.sweep import Sweep


class DynamoLocationStore:
    """Keeps one item for each server, until ``ttl_days`` after the location ended."""

    def __init__(self, database: Database, now: Callable[[], datetime], ttl_days: int = 30) -> None:
        """``now`` decides what has expired, since DynamoDB may delete an expired item days later."""
        self._database = database
        self._locations = database.table(LocationItem)
        self._now = now
        self._ttl = timedelta(days=ttl_days)

    def get(self, resource_id: str) -> Location | None:
        """A location, read strongly. An ended one is found too, until it expires."""
        try:
            item = self._locations.get(resource_id, consistent_read=True)
        except self._locations.DoesNotExist:
            return None
        expired = item.expires_at is not None and item.expires_at <= self._now()
        return None if expired else item.location()

    def remember(self, location: Location) -> Location:
        """Write a location if there is none, it has ended, or only this one names its decision.

        What another pod or project has stays theirs, since a pod may name any id in its answer.
        Returns the one that is stored then.
        """
        table, item = self._locations, self._live(location)
        if written(self._database, lambda write: write.save(item, _replaceable(table, location))):
            return location
        return table.get(location.resource_id, consistent_read=True).location()

    def addition(self, location: Location) -> LocationWrite:
        """The same, as a write that joins a transaction, all of which fails if another one is kept."""
        return LocationWrite(self._live(location), _replaceable(self._locations, location))

    def end(self, resource_id: str, at: datetime, deleted: bool = False, deed: Deed | None = None) -> None:
        """End a location, since its pod accepted its delete (``deleted``) or says that it is gone.

        With ``deed`` an operator ends it. Nothing happens if it has ended already or was never there.
        """
        table = self._locations
        actions: list[Action] = [
            table.ended_at.set(at),
            table.expires_at.set(at + self._ttl),
            table.deleted.set(deleted),
            table.live_project_pod.remove(),
            table.live_pod_id.remove(),
        ]
        if deed is not None:
            actions.append(table.deed.set(write_deed(deed)))
        self._updated(resource_id, actions, table.pod_id.exists() & table.ended_at.does_not_exist())

    def move(self, before: Location, pod_id: str, deed: Deed) -> Location:
        """Put a location, ended or not, into another pod. Raises GenerationConflict."""
        table, after = self._locations, before.moved(pod_id, deed)
        actions: list[Action] = [
            table.pod_id.set(pod_id),
            table.moved_from.set(before.pod_id),
            table.deed.set(write_deed(deed)),
            table.live_project_pod.set(_project_pod(after.project_id, pod_id)),
            table.live_pod_id.set(pod_id),
            table.claim_token.remove(),
            table.claim_share.remove(),
            table.ended_at.remove(),
            table.expires_at.remove(),
            table.deleted.remove(),
        ]
        ended = table.ended_at
        as_read = ended.does_not_exist() if before.ended_at is None else ended == before.ended_at
        unchanged = (table.pod_id == before.pod_id) & as_read
        if not self._updated(before.resource_id, actions, unchanged):
            raise GenerationConflict(f"{before.resource_id} ended or moved meanwhile")
        return after

    def build_failed(self, resource_id: str, at: datetime) -> bool:
        """Mark a server that found no host in its pod. True for the first caller, who counts it."""
        table = self._locations
        first = table.pod_id.exists() & table.build_failed_at.does_not_exist()
        return self._updated(resource_id, [table.build_failed_at.set(at)], first)

    def sweep(self, pod_id: str) -> Sweep | None:
        """How far the look through a pod's servers has come; None before the first."""
        try:
            item = self._locations.get(_sweep_key(pod_id))
        except self._locations.DoesNotExist:
            return None
        return Sweep(pod_id, item.created_at, item.swept_since, item.swept_to or "")

    def keep_sweep(self, sweep: Sweep) -> None:
        """Keep how far it has come."""
        item = self._locations(
            _sweep_key(sweep.pod_id),
            project_id="",
            pod_id=sweep.pod_id,
            created_at=sweep.began_at,
            name="",
            request_id="",
            swept_since=sweep.since,
            swept_to=sweep.marker,
        )
        written(self._database, lambda write: write.save(item))

    def found(self, resource_ids: Iterable[str]) -> list[Location]:
        """The locations of these resources that there are, ended ones too, read strongly."""
        now = self._now()
        items = self._locations.batch_get(list(resource_ids), consistent_read=True)
        return [item.location() for item in items if item.expires_at is None or item.expires_at > now]

    def of_pod_request(self, pod_request_id: str) -> list[Location]:
        """What a create made that its pod knows by this id, ended ones too (eventually consistent)."""
        keys = self._locations.by_pod_request.query(pod_request_id)
        return self.found([key.resource_id for key in keys])

    def created_since(self, pod_id: str, since: datetime, limit: int) -> list[Location]:
        """A pod's resources that haven't ended, created at ``since`` or later (eventually consistent)."""
        table = self._locations
        items = table.by_pod.query(pod_id, table.created_at >= since, page_size=limit)
        return [item.location() for item in islice(items, limit)]

    def of_project(self, project_id: str, pod_id: str) -> list[Location]:
        """A project's resources in a pod that haven't ended, oldest first (eventually consistent)."""
        items = self._locations.by_project_and_pod.query(_project_pod(project_id, pod_id))
        return [item.location() for item in items]

    def of_pod(self, pod_id: str, limit: int = 1000) -> list[Location]:
        """Resources in a pod that haven't ended, oldest first (eventually consistent)."""
        items = self._locations.by_pod.query(pod_id, page_size=limit)
        return [item.location() for item in islice(items, limit)]

    def page_of_pod(
        self, pod_id: str, after: Location | None, limit: int, project_id: str = ""
    ) -> list[Location]:
        """Some of those in a pod that haven't ended, oldest first, after one of them (eventually consistent).

        The place after which a page starts is made of keys, so what stood there may have ended.
        """
        table = self._locations
        index: Any = table.by_project_and_pod if project_id else table.by_pod
        key = _project_pod(project_id, pod_id) if project_id else pod_id
        start = after and {
            table.resource_id.attr_name: {"S": after.resource_id},
            table.created_at.attr_name: {"S": table.created_at.serialize(after.created_at)},
            (table.live_project_pod if project_id else table.live_pod_id).attr_name: {"S": key},
        }
        items = index.query(key, limit=limit, page_size=limit, last_evaluated_key=start)
        return [item.location() for item in items]

    def _updated(self, resource_id: str, actions: list[Action], unchanged: Condition) -> bool:
        """Write a change. False: somebody else has written it already, and nothing is written."""
        item = self._locations(resource_id)
        return written(self._database, lambda write: write.update(item, actions, unchanged))

    def _live(self, location: Location) -> LocationItem:
        return self._locations(
            location.resource_id,
            project_id=location.project_id,
            pod_id=location.pod_id,
            created_at=location.created_at,
            name=location.name,
            request_id=location.request_id,
            pod_request_id=location.pod_request_id or None,  # an index takes no empty key
            decision_id=location.decision_id,
            build_failed_at=location.build_failed_at,
            claim_token=location.share.token if location.share else None,
            claim_share=location.share.number if location.share else None,
            deed=write_deed(location.deed) if location.deed else None,
            moved_from=location.moved_from or None,
            live_project_pod=_project_pod(location.project_id, location.pod_id),
            live_pod_id=location.pod_id,
        )


def _replaceable(table: type[LocationItem], location: Location) -> Condition:
    free: Condition = table.resource_id.does_not_exist() | table.ended_at.exists()
    undecided: Condition = table.decision_id.does_not_exist() | (table.decision_id == "")
    theirs: Condition = (table.pod_id == location.pod_id) & (table.project_id == location.project_id)
    only_found: Condition = undecided & table.claim_token.does_not_exist() & theirs
    return free | only_found if location.decision_id else free


def _project_pod(project_id: str, pod_id: str) -> str:
    return f"{quote(project_id, safe='')}#{pod_id}"


def _sweep_key(pod_id: str) -> str:
    return f"sweep#{pod_id}"
