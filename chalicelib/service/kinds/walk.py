"""Walk: what gathering one page of several pods' rows needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.model.identity import Caller
from chalicelib.model.list_order import ListOrder, Position
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import Resource
from chalicelib.service.asking.pages import Listed


@dataclass(frozen=True, slots=True)
class Walk:
    """One page's query, its order, the marker's row after which it starts, and the pods' ranks for ties.

    ``everywhere``: the list is of all projects. ``is_forgotten``: the marker's own pod doesn't know it any
    more, and is read from its start as all others are.
    """

    caller: Caller
    resource: Resource
    query: ListQuery
    request: PodRequest
    everywhere: bool
    order: ListOrder
    ranks: Mapping[str, int]
    start: Listed | None
    is_forgotten: bool = False

    @property
    def wanted(self) -> int:
        """How many rows of each pod are enough: one more than asked for tells whether a page follows."""
        return self.query.most_rows + 1

    @property
    def may_surprise(self) -> bool:
        """Whether a pod among several may sort its rows otherwise than we do."""
        return len(self.ranks) > 1 and not self.order.is_sure

    @property
    def has_details(self) -> bool:
        """Whether the client asked for rows with details."""
        return self.request.path.endswith("/detail")

    @property
    def is_alone(self) -> bool:
        """Whether the page is that of one pod, so that no two rows are compared."""
        return len(self.ranks) == 1 and (self.start is None or not self.is_outside)

    @property
    def is_outside(self) -> bool:
        """Whether no pod that is asked goes on after the marker."""
        return self.start is not None and (self.is_forgotten or self.start.pod.pod_id not in self.ranks)

    @property
    def hidden(self) -> frozenset[str]:
        """The fields that rows are compared by and that rows without details don't show."""
        return frozenset(key.field for key, _ in self.order.keys) - {*self.resource.brief}

    def position(self, listed: Listed) -> Position:
        """Where a row stands. On a tie, the marker's row is first if no pod goes on after it."""
        is_first = self.is_outside and listed is self.start
        return self.order.position(listed.row, -1 if is_first else self.ranks[listed.pod.pod_id])

    def is_behind(self, listed: Listed) -> bool:
        """Whether a row stands behind the marker's; every row does where there is no marker."""
        return self.start is None or self.position(listed) > self.position(self.start)

    def start_in(self, pod: Pod) -> Listed | None:
        """The marker's row, if this pod goes on after it."""
        if self.start is None or self.is_outside or self.start.pod.pod_id != pod.pod_id:
            return None
        return self.start
