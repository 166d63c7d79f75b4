"""Pod rows: what one pod lists, in its own order, with what its rows are merged by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urlencode

from chalicelib.model.list_query import MOST_ROWS
from chalicelib.model.pod import Pod
from chalicelib.service.asking.dates import Dates
from chalicelib.service.asking.pages import Listed, PodPage, pages, rows_of
from chalicelib.service.kinds.walk import Walk
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class PodRows:
    """Reads pods page by page. ``deadline_seconds`` is how long a pod may take for one."""

    client: PodClient
    dates: Dates
    deadline_seconds: float

    def after(self, pod: Pod, walk: Walk, marker: str = "") -> Iterator[Listed]:
        """A pod's rows after a marker, read as they are needed.

        Rows without details cost a pod half as much. They are enough where they show what they are merged
        by, but for their date, which this process may know.
        """
        hidden = frozenset() if walk.is_alone else walk.hidden
        dated = bool(hidden)
        enough = hidden <= {walk.resource.dated_by} and (not dated or self.dates.knows(pod))

        # Who walks on after a page goes far, as to a marker that another pod has, and asks for more at once.
        limits = (min(MOST_ROWS, walk.wanted * 4**number) for number in count())

        def page_after(marker: str) -> PodPage:
            limit = next(limits)
            if walk.has_details or not enough:
                return self._detailed(pod, walk, marker, limit)
            page = self._asked(pod, walk, f"/{walk.resource.collection}", marker, limit)
            return self._dated(pod, walk, marker, limit, page) if dated else page

        for rows in pages(pod, page_after, marker):
            yield from (Listed(pod, row) for row in rows)

    def _detailed(self, pod: Pod, walk: Walk, marker: str, limit: int) -> PodPage:
        page = self._asked(pod, walk, f"/{walk.resource.collection}/detail", marker, limit)
        self.dates.note(pod, walk.resource, page[0])
        return page

    def _asked(self, pod: Pod, walk: Walk, path: str, marker: str, limit: int) -> PodPage:
        query = urlencode(walk.query.for_pod(walk.resource, marker, limit))
        question = replace(walk.request, path=f"{path}?{query}", read_timeout_seconds=self.deadline_seconds)
        return rows_of(pod, self.client.send(pod, question), walk.resource)

    def _dated(self, pod: Pod, walk: Walk, marker: str, limit: int, page: PodPage) -> PodPage:
        """A page without details, with its dates; what isn't known is read, up to the last such row."""
        rows, more = page
        dated = [self.dates.dated(pod, walk.resource, row) for row in rows]
        if None not in dated:
            return [row for row in dated if row is not None], more
        last = max(number for number, row in enumerate(dated, 1) if row is None)
        details = {row["id"]: row for row in self._detailed(pod, walk, marker, last)[0]}
        found = [row or details.get(brief["id"]) for row, brief in zip(dated, rows, strict=True)]
        if None not in found:
            return [row for row in found if row is not None], more
        # Rows came or went between the two answers, so only one answer can tell what the page holds.
        return self._detailed(pod, walk, marker, limit)
