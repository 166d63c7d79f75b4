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

    ``everywhere``: the list is of all projects.
    """

    caller: Caller
    resource: Resource
    query: ListQuery
    request: PodRequest
    everywhere: bool
    order: ListOrder
    ranks: Mapping[str, int]
    start: Listed | None

    @property
    def wanted(self) -> int:
        """How many rows of each pod are enough: one more than asked for tells whether a page follows."""
        return self.query.most_rows + 1

    @property
    def may_surprise(self) -> bool:
        """Whether a pod among several may sort its rows otherwise than we do."""
        return len(self.ranks) > 1 and not self.order.is_sure

    def position(self, listed: Listed) -> Position:
        """Where a row stands. On a tie, the marker's row is first if its pod is not among those asked."""
        return self.order.position(listed.row, self.ranks.get(listed.pod.pod_id, -1))

    def is_behind(self, listed: Listed) -> bool:
        """Whether a row stands behind the marker's; every row does where there is no marker."""
        return self.start is None or self.position(listed) > self.position(self.start)

    def start_in(self, pod: Pod) -> Listed | None:
        """The marker's row, if it is of this pod."""
        return self.start if self.start is not None and self.start.pod.pod_id == pod.pod_id else None
