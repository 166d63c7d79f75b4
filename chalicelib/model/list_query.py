"""ListQuery: what a list asks for, and the order it wants its rows in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from chalicelib.model.list_order import ListOrder
from chalicelib.model.resource import Resource

MOST_ROWS = 1000  # Nova's [api]max_limit
_PAGE = ("limit", "marker")
_SORTING = ("sort_key", "sort_dir")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list's query, with repeated keys kept; ``limit`` None means that the client asked for none."""

    pairs: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    marker: str = ""
    all_tenants: bool = False

    @property
    def filters(self) -> Mapping[str, str]:
        """What selects rows. Of a repeated key the last value counts, as in Nova."""
        return {key: value for key, value in self.pairs if key not in (*_PAGE, *_SORTING, "all_tenants")}

    @property
    def most_rows(self) -> int:
        """How many rows a page has at most."""
        return MOST_ROWS if self.limit is None else min(self.limit, MOST_ROWS)

    def for_pod(
        self, resource: Resource, marker: str, limit: int | None = None
    ) -> tuple[tuple[str, str], ...]:
        """The query for a pod: the same selection and order, with a page of its own."""
        own = [pair for pair in self.pairs if pair[0] not in _PAGE]
        # A list with more directions than keys is left for the pod to refuse.
        if resource.unique_sort_key and len(self._asked("sort_dir")) <= max(1, len(self._asked("sort_key"))):
            own = [pair for pair in own if pair[0] not in _SORTING]
            for key, direction in self._sorting(resource):
                own += [("sort_key", key), ("sort_dir", direction)]
        if limit is not None:
            own.append(("limit", str(limit)))
        if marker:
            own.append(("marker", marker))
        return tuple(own)

    def order(self, resource: Resource) -> ListOrder:
        """How rows of several pods are compared.

        It ends before a key that no field shows, and after one whose field is rounded, since rows that look
        equal there may not be. What follows only the pod itself can sort by.
        """
        sorting = _heeded(self._sorting(resource), resource)
        known = [
            (resource.sort_keys[name], direction == "desc")
            for name, direction in takewhile(lambda pair: pair[0] in resource.sort_keys, sorting)
        ]
        end = next((n for n, (key, _) in enumerate(known, 1) if key.is_rounded), len(known))
        return ListOrder(
            tuple(known[:end]),
            descends=sorting[0][1] == "desc",
            beyond=tuple(known[end:]),
            is_whole=len(known) == len(sorting),
        )

    def _sorting(self, resource: Resource) -> list[tuple[str, str]]:
        """The keys with their directions, as the service reads them: the first direction is repeated.

        Ignored keys are kept, since newer microversions refuse them; where no other is asked for, the
        service's own order follows. The unique key is added at the end, in the first key's direction. Without
        it Nova breaks ties by ascending ids in both directions, and no list would be the reverse of another.
        """
        keys = self._asked("sort_key") or [resource.default_sort_key]
        directions = self._asked("sort_dir")[: len(keys)]
        sorting = list(
            zip_longest(keys, directions, fillvalue=(directions or [resource.default_sort_dir])[0])
        )
        if not _heeded(sorting, resource):
            sorting.append((resource.default_sort_key, resource.default_sort_dir))
        if resource.unique_sort_key and resource.unique_sort_key not in keys:
            sorting.append((resource.unique_sort_key, _heeded(sorting, resource)[0][1]))
        return sorting

    def _asked(self, key: str) -> list[str]:
        return [value for name, value in self.pairs if name == key]


def turned_round(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """A query with every direction turned round."""
    opposite = {"asc": "desc", "desc": "asc"}
    return tuple((key, opposite.get(value, value) if key == "sort_dir" else value) for key, value in pairs)


def _heeded(sorting: list[tuple[str, str]], resource: Resource) -> list[tuple[str, str]]:
    return [pair for pair in sorting if pair[0] not in resource.ignored_sort_keys]
