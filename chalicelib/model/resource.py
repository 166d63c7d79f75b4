"""Resource: a noun of an OpenStack API, and what the gateway must know of it to serve it over many pods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chalicelib.model import flavor_lists, flavor_writes, server_lists
from chalicelib.model.list_order import SortKey
from chalicelib.model.location import Location
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.shared_write import SharedWrite

ResourceRow = Mapping[str, Any]
"""A server, a flavor: one resource as an API shows it."""
Pairs = tuple[tuple[str, str], ...]
"""A query."""


@dataclass(frozen=True, slots=True)
class Stubs:
    """What is shown of a resource whose pod doesn't answer, made of its location.

    ``is_selected`` tells whether a list surely has it: by the list's filters, whether the caller is an
    admin, and whether all projects are asked for.
    """

    row: Callable[[Location], ResourceRow]
    is_selected: Callable[[Location, Mapping[str, str], bool, bool], bool]


@dataclass(frozen=True, slots=True)
class Holding:
    """How pods show what lives in one of them each and has no location with us.

    ``listed_as`` is the key of a list's body, and ``key`` the field of a row that tells it from all others. A
    ``limited`` list takes ``limit`` and ``offset``. A query of an admin's with the key ``all_by`` asks for
    those of all projects. What is made of another thing names it in a create: ``made_of`` is the field that
    does, and the collection of the other.
    """

    listed_as: str
    key: str = "id"
    limited: bool = False
    all_by: str = ""
    made_of: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A noun by its names in an API: ``/servers``, ``{"server": {...}}``, "Instance ... could not be found".

    ``located`` resources live in one pod each, and their locations are kept; of the others every pod shows
    the same ones. ``brief`` names the fields of a list without details. ``sort_keys`` are those that a row
    shows, so that lists of several pods are merged by them; ``ignored_sort_keys`` those that the service
    takes and doesn't sort by; ``default_sort_key`` is its own, in its ``default_sort_dir``, and
    ``unique_sort_key`` one that no two rows share. ``stubs`` stand for located ones whose pod is down.
    ``shared_write`` reads a write that every pod must carry out.
    ``unsettled`` are the statuses in which the time of creation that a row shows may still change.
    ``deleted_query`` is the query by which a pod lists one that was deleted.

    ``held`` ones live in one pod each too, but are looked for in the project's pods at each request.
    """

    service: str
    collection: str
    member: str
    title: str
    brief: tuple[str, ...] = ("id", "name", "links")
    located: bool = False
    sort_keys: Mapping[str, SortKey] = field(default_factory=dict)
    ignored_sort_keys: frozenset[str] = frozenset()
    default_sort_key: str = "created_at"
    default_sort_dir: str = "desc"
    unique_sort_key: str = ""
    stubs: Stubs | None = None
    unsettled: frozenset[str] = frozenset()
    deleted_query: Callable[[Location], Pairs] | None = None
    shared_write: Callable[[str, str, bytes, str, Callable[[], str]], SharedWrite] | None = None
    held: Holding | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where a located resource doesn't say by which field its rows are dated."""
        if self.located and "created_at" not in self.sort_keys:
            raise ValueError(f"{self.collection} are located, so sort_keys must have created_at")

    @property
    def holding(self) -> Holding:
        """How pods hold them. Raises ValueError where they aren't held."""
        if self.held is None:
            raise ValueError(f"{self.collection} are not held")
        return self.held

    @property
    def listed_as(self) -> str:
        """The key of a list's body."""
        return self.held.listed_as if self.held else self.collection

    @property
    def dated_by(self) -> str:
        """The field of a row that tells when a located resource was made."""
        return self.sort_keys["created_at"].field

    def brief_of(self, row: ResourceRow) -> ResourceRow:
        """A row as a list without details has it. One of which little is known says so there too."""
        shown = (*self.brief, "status") if row.get("status") == server_lists.UNKNOWN else self.brief
        return {key: row[key] for key in shown if key in row}

    def path_of(self, resource_id: str) -> str:
        """The path of one of them."""
        return f"/{self.collection}/{resource_id}"

    def write_of(self, request: PodRequest, made_id: str, ids: Callable[[], str]) -> SharedWrite:
        """The write that a request asks of every pod.

        ``made_id`` is the id that we gave when the same was asked before; else ``ids`` makes one at need.
        """
        assert self.shared_write is not None, f"{self.collection} have no writes for every pod"
        path = request.path.partition("?")[0]
        return self.shared_write(request.method, path, request.body or b"", made_id, ids)


def is_uuid(text: object) -> bool:
    """Whether it may be a located resource's id. A store may not even take another text as a key."""
    try:
        return isinstance(text, str) and str(UUID(text)) == text.lower()
    except ValueError:
        return False


SERVERS = Resource(
    service="compute",
    collection="servers",
    member="server",
    title="Instance",
    located=True,
    sort_keys=server_lists.SORT_KEYS,
    ignored_sort_keys=server_lists.IGNORED_SORT_KEYS,
    unique_sort_key="uuid",
    stubs=Stubs(server_lists.stub, server_lists.is_selected),
    unsettled=server_lists.UNSETTLED,
    deleted_query=server_lists.deleted_query,
)
FLAVORS = Resource(
    service="compute",
    collection="flavors",
    member="flavor",
    title="Flavor",
    brief=("id", "name", "description", "links"),
    sort_keys=flavor_lists.SORT_KEYS,
    default_sort_key="flavorid",
    default_sort_dir="asc",
    shared_write=flavor_writes.shared_write,
)
SERVER_GROUPS = Resource(
    service="compute",
    collection="os-server-groups",
    member="server_group",
    title="Instance group",
    held=Holding("server_groups", limited=True, all_by="all_projects"),
)
IMAGES = Resource("compute", "images", "image", "Image")  # Nova's proxy, up to microversion 2.35
EXTENSIONS = Resource("compute", "extensions", "extension", "Extension")
