"""ServerQuery: what a list of servers asks for, and the order it wants them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

# Nova's sort keys, and where an answer shows their value. For any other key, pods follow one
# another, each in its own order: nothing is left out or doubled.
# Only what every database sorts as we do is here: names follow a pod's own collation.
_SHOWN_AS = {
    "created_at": "created",
    "updated_at": "updated",
    "uuid": "id",
    "project_id": "tenant_id",
    "user_id": "user_id",
    "launched_at": "OS-SRV-USG:launched_at",
}
PAGING_KEYS = frozenset({"limit", "marker", "sort_key", "sort_dir", "all_tenants"})
MOST_ROWS = 1000  # Nova's [api]max_limit
_OFF = frozenset({"0", "f", "false", "off", "n", "no"})

Server = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ServerQuery:
    """A list's query, with repeated keys kept; ``limit`` None means as many as Nova gives at once."""

    pairs: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    marker: str = ""
    all_tenants: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether it selects: what a pod that is down would have matched can't be told then."""
        return any(key not in PAGING_KEYS and not _is_no_filter(key, value) for key, value in self.pairs)

    @property
    def rows(self) -> int:
        """How many rows a page has at most."""
        return MOST_ROWS if self.limit is None else min(self.limit, MOST_ROWS)

    def for_pod(self, limit: int, marker: str) -> tuple[tuple[str, str], ...]:
        """The same selection and order, another page."""
        kept = tuple((key, value) for key, value in self.pairs if key not in ("limit", "marker"))
        return (*kept, ("limit", str(limit)), *((("marker", marker),) if marker else ()))

    @property
    def order(self) -> tuple[tuple[str, bool], ...]:
        """The sort keys and whether each descends; Nova's own default is the newest first."""
        keys = [value for key, value in self.pairs if key == "sort_key"] or ["created_at"]
        directions = [value for key, value in self.pairs if key == "sort_dir"]
        return tuple(
            (name, (directions[index] if index < len(directions) else _default(directions)) == "desc")
            for index, name in enumerate(keys)
        )

    def place(self, server: Server, rank: int) -> Any:
        """A sortable value: where a server of the pod with this rank stands in the merged list."""
        return _Place((server, rank, self.order))


def _is_no_filter(key: str, value: str) -> bool:
    # The openstack command asks for deleted=False with every list, which is what one gets anyway.
    return key == "deleted" and value.lower() in _OFF


def _default(directions: list[str]) -> str:
    # Nova repeats the first direction for keys that name none.
    return directions[0] if directions else "desc"


def _compare(
    one: tuple[Server, int, tuple[tuple[str, bool], ...]],
    other: tuple[Server, int, tuple[tuple[str, bool], ...]],
) -> int:
    for name, descends in one[2]:
        field = _SHOWN_AS.get(name)
        if field is None:
            break
        mine, theirs = _value(one[0], field), _value(other[0], field)
        if mine != theirs:
            return 1 if (mine < theirs) == descends else -1
    return one[1] - other[1]


def _value(server: Server, field: str) -> tuple[bool, str]:
    value = server.get(field)
    return value is not None, "" if value is None else str(value)


_Place = cmp_to_key(_compare)
