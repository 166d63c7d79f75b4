"""Location: where a resource is, as a row that a pod shows says it."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.ports import LocationStore


def may_hold(pod: Pod, locations: LocationStore) -> bool:
    """Whether a pod may hold something of a project that was placed there.

    One that isn't proven holds nothing, unless we know servers there: then its address has changed since.
    """
    return pod.proven or bool(locations.of_pod(pod.pod_id, limit=1))


def location_of(resource: Resource, row: ResourceRow, caller: Caller, pod: Pod, now: datetime) -> Location:
    """Where a resource of the caller's project is, with what a stub shows; made ``now`` if it isn't dated."""
    return Location(
        resource_id=str(row["id"]),
        project_id=caller.identity.project_id,
        pod_id=pod.pod_id,
        created_at=_created(resource, row, now),
        name=str(row.get("name") or ""),
        request_id=caller.request_id,
    )


def _created(resource: Resource, row: ResourceRow, now: datetime) -> datetime:
    try:
        created = datetime.fromisoformat(str(row.get(resource.dated_by)))
    except ValueError:
        return now
    return created if created.tzinfo else created.replace(tzinfo=UTC)
