"""Merged in order: a project's located resources over all its pods, with no gap and no duplicate."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, dropwhile, islice, takewhile

from chalicelib.model import pod_host
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import Resource
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import Listed, ResourcePage, brief
from chalicelib.service.kinds.located import Located
from chalicelib.service.kinds.locating import Locating
from chalicelib.service.kinds.markers import Markers
from chalicelib.service.kinds.pod_rows import PodRows
from chalicelib.service.kinds.stubs import stubs_of
from chalicelib.service.kinds.walk import Walk
from chalicelib.service.ports import LocationStore

_HOSTS = ("host", "node")  # filters of Nova's, for admins


@dataclass(frozen=True, slots=True)
class MergedInOrder:
    """Asks the project's pods in parallel.

    The merge always takes the first of the pods' next rows, and so keeps each pod's own order whatever it
    is. ``deadline_seconds`` is how long a pod may take before stubs stand for what it holds.
    """

    locations: LocationStore
    locating: Locating
    located: Located
    markers: Markers
    rows: PodRows
    fan_out: FanOut
    deadline_seconds: float

    def page(self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest) -> ResourcePage:
        """One page; raises what ``Merged.page`` names."""
        everywhere = query.all_tenants and caller.identity.is_admin
        holders = self.located.holders(caller, everywhere)
        if caller.identity.is_admin:
            holders, query = _at_its_host(holders, query)
        pods = holders
        if not holders and query.pairs:
            # The list is empty, but what Nova doesn't let the caller ask is for some pod to refuse.
            pods = self.located.roster.open_to(caller.identity.project_id)[:1]
        order = query.order(resource)
        ranks = {pod.pod_id: n for n, pod in enumerate(pods if order.descends else reversed(pods))}
        start, is_forgotten = self.markers.start(caller, resource, query, request)
        walk = Walk(caller, resource, query, request, everywhere, order, ranks, start, is_forgotten)
        seconds = caller.deadline.at_most(self.deadline_seconds)
        answers = self.fan_out.ask(pods, lambda pod: self._rows(pod, walk), seconds)
        if not holders:
            return ResourcePage(())
        streams: list[Iterable[Listed]] = [rows for _, rows in answers.given]
        streams += [stubs_of(pod, walk, self.locations) for pod in answers.missing]
        if start is not None and walk.is_outside:
            streams.append([start])
        merged: Iterator[Listed] = heapq.merge(*streams, key=walk.position)
        if start is not None:
            # Some pod's stream holds the marker's row; what is merged up to it, earlier pages had.
            merged = islice(dropwhile(lambda listed: listed is not start, merged), 1, None)
        found = tuple(islice(merged, walk.wanted))
        rows = self._once(found[: query.most_rows])
        if not everywhere:
            self.locating.note(caller, resource, rows)
        if not walk.has_details:
            rows = tuple(brief(resource, listed) for listed in rows)
        partial = tuple(sorted({pod.az_name for pod in answers.missing}))
        return ResourcePage(rows, more=len(found) > query.most_rows, partial=partial)

    def _once(self, rows: tuple[Listed, ...]) -> tuple[Listed, ...]:
        """The rows without those of a pod that shows what another one holds."""
        counted = Counter(listed.row["id"] for listed in rows)
        doubled = [row_id for row_id, times in counted.items() if times > 1]
        if not doubled:
            return rows
        holders = {location.resource_id: location.pod_id for location in self.locations.found(doubled)}
        kept: dict[str, Listed] = {}
        for listed in rows:
            row_id = listed.row["id"]
            if holders.get(row_id, listed.pod.pod_id) == listed.pod.pod_id:
                kept.setdefault(row_id, listed)
        return tuple(kept.values())

    def _rows(self, pod: Pod, walk: Walk) -> Iterator[Listed]:
        """A pod's rows in its own order, of which a page's worth is read now.

        The marker's own pod is asked for what follows the marker, and the marker's row is put before that.
        Every other pod is read from its start, and its rows are dropped up to the first behind the marker.
        """
        start = walk.start_in(pod)
        if start is None:
            rows = dropwhile(lambda listed: not walk.is_behind(listed), self.rows.after(pod, walk))
            return chain(list(islice(rows, walk.wanted)), rows)
        after = list(islice(self.rows.after(pod, walk, start.row["id"]), walk.wanted))
        before = self._before(pod, walk, [start, *after[:1]]) if walk.may_surprise else []
        return chain(before, [start], after)

    def _before(self, pod: Pod, walk: Walk, then: list[Listed]) -> list[Listed]:
        """The rows that the marker's pod has before the marker and that stand behind it by our order.

        They held the marker back, so that more rows of other pods went before it than its own row tells.
        ``then`` are the marker's row, which the list's filters may leave out, and the one after it.
        """
        ends = {listed.row["id"] for listed in then}
        earlier = takewhile(lambda listed: listed.row["id"] not in ends, self.rows.after(pod, walk))
        return [listed for listed in earlier if walk.is_behind(listed)]


def _at_its_host(pods: list[Pod], query: ListQuery) -> tuple[list[Pod], ListQuery]:
    """The pods that a filter by host leaves, and the query as they get it: ``compute1@Pod1`` is in one."""
    pairs = []
    for key, value in query.pairs:
        pod_name, host = pod_host.read(value) if key in _HOSTS else (None, value)
        pods = [pod for pod in pods if pod_name in (None, pod.pod_name)]
        pairs.append((key, host))
    return pods, replace(query, pairs=tuple(pairs))
