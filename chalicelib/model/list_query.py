"""ListQuery: what a list asks for, and the order it wants its rows in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from chalicelib.model.resource import Resource, ResourceRow

PAGING_KEYS = frozenset({"limit", "marker", "sort_key", "sort_dir", "all_tenants"})
MOST_ROWS = 1000  # Nova's [api]max_limit
_OFF = frozenset({"0", "f", "false", "off", "n", "no"})

Order = tuple[tuple[str, bool], ...]
"""The fields to sort by, and whether each descends."""
_Standing = tuple[Order, ResourceRow, int]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list's query, with repeated keys kept; ``limit`` None means that the client asked for none."""

    pairs: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    marker: str = ""
    all_tenants: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether it selects rows, so that nobody can tell which rows of a pod that is down would match."""
        return any(key not in PAGING_KEYS and not _is_no_filter(key, value) for key, value in self.pairs)

    @property
    def most_rows(self) -> int:
        """How many rows a page has at most."""
        return MOST_ROWS if self.limit is None else min(self.limit, MOST_ROWS)

    def for_pod(self, marker: str, limit: int | None = None) -> tuple[tuple[str, str], ...]:
        """The query for a pod: the same selection and order, with a page of its own."""
        kept = [(key, value) for key, value in self.pairs if key not in ("limit", "marker")]
        if limit is not None:
            kept.append(("limit", str(limit)))
        if marker:
            kept.append(("marker", marker))
        return tuple(kept)

    def order(self, resource: Resource) -> Order:
        """The fields to sort by; without a sort key, the API's default key, descending.

        It ends at the first key that no field shows. Rows that are equal up to there go pod by pod, in each
        pod's own order, so that nothing is left out or doubled.
        """
        keys = [value for key, value in self.pairs if key == "sort_key"] or [resource.default_sort_key]
        directions = [value for key, value in self.pairs if key == "sort_dir"]
        # Nova repeats the first direction for keys that name none.
        rest = directions[0] if directions else "desc"
        order: list[tuple[str, bool]] = []
        for index, key in enumerate(keys):
            if key not in resource.sort_keys:
                break
            direction = directions[index] if index < len(directions) else rest
            order.append((resource.sort_keys[key], direction == "desc"))
        return tuple(order)


def merge_key(order: Order, row: ResourceRow, rank: int) -> Any:
    """What rows of several pods are sorted by; of equal rows, that of the lower-ranked pod is first."""
    return _MergeKey((order, row, rank))


def _is_no_filter(key: str, value: str) -> bool:
    # The openstack command asks for deleted=False with every list, which is what one gets anyway.
    return key == "deleted" and value.lower() in _OFF


def _compare(one: _Standing, other: _Standing) -> int:
    for field, descends in one[0]:
        mine, theirs = _value(one[1], field), _value(other[1], field)
        if mine != theirs:
            return 1 if (mine < theirs) == descends else -1
    return one[2] - other[2]


def _value(row: ResourceRow, field: str) -> tuple[bool, str]:
    value = row.get(field)
    return value is not None, "" if value is None else str(value)


_MergeKey = cmp_to_key(_compare)
