"""Resource: a noun of an OpenStack API, and what the gateway must know of it to serve it over many pods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chalicelib.model.location import Location

ResourceRow = Mapping[str, Any]
"""A server, a flavor: one resource as an API shows it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A noun by its names in an API: ``/servers``, ``{"server": {...}}``, "Instance ... could not be found".

    ``located`` resources live in one pod each, and their locations are kept; of the others every pod shows
    the same ones. What follows is of located ones only: ``brief`` names the fields of a list without
    details. ``sort_keys`` are those by which lists of several pods are merged, with the field of a row that
    shows each one's value; ``default_sort_key`` is the API's own. ``stub`` makes the row that stands for one
    whose pod is down.
    """

    service: str
    collection: str
    member: str
    title: str
    brief: tuple[str, ...] = ("id", "name", "links")
    located: bool = False
    sort_keys: Mapping[str, str] = field(default_factory=dict)
    default_sort_key: str = "created_at"
    stub: Callable[[Location], ResourceRow] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where a located resource doesn't say by which field its rows are dated."""
        if self.located and "created_at" not in self.sort_keys:
            raise ValueError(f"{self.collection} are located, so sort_keys must have created_at")

    def path_of(self, resource_id: str) -> str:
        """The path of one of them."""
        return f"/{self.collection}/{resource_id}"


def is_uuid(text: object) -> bool:
    """Whether it may be a located resource's id. A store may not even take another text as a key."""
    try:
        return isinstance(text, str) and str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _server_stub(location: Location) -> ResourceRow:
    """Nova's minimal form for a server whose cell is down (its API reference, 2.69), with the name."""
    return {
        "id": location.resource_id,
        "name": location.name,
        "status": "UNKNOWN",
        "tenant_id": location.project_id,
        "created": location.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": [
            {"rel": "self", "href": f"/v2.1/servers/{location.resource_id}"},
            {"rel": "bookmark", "href": f"/servers/{location.resource_id}"},
        ],
    }


SERVERS = Resource(
    service="compute",
    collection="servers",
    member="server",
    title="Instance",
    located=True,
    # Only keys that every pod's database sorts as we do are here; names follow its own collation.
    sort_keys={
        "created_at": "created",
        "updated_at": "updated",
        "uuid": "id",
        "project_id": "tenant_id",
        "user_id": "user_id",
        "launched_at": "OS-SRV-USG:launched_at",
    },
    stub=_server_stub,
)
FLAVORS = Resource("compute", "flavors", "flavor", "Flavor")
IMAGES = Resource("compute", "images", "image", "Image")  # Nova's proxy, up to microversion 2.35
