"""Pages: the rows that pods list, page by page, and one page merged out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chalicelib.model.errors import InvalidField, NoAnswer
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, no_answer
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.model.row_shapes import has_shape
from chalicelib.service.asking.answer import accepted, document

MOST_PAGES = 50  # that one pod is asked for to answer one request
MOST_ROWS = 10_000  # of one page; an operator may have raised Nova's own 1,000
PodPage = tuple[list[ResourceRow], bool]
"""A pod's rows, and whether another page follows."""


class Listed(NamedTuple):
    """A row as its pod shows it, or as we remember it while the pod is down."""

    pod: Pod
    row: ResourceRow


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """A merged page: ``more`` when rows follow; ``partial`` names the zones of pods that left rows out."""

    rows: tuple[Listed, ...]
    more: bool = False
    partial: tuple[str, ...] = ()


def rows_of(pod: Pod, reply: PodReply, resource: Resource) -> PodPage:
    """The page that a pod replied with.

    Raises PodRefused when the pod refuses the query, PodUnreachable when it gives no list of objects with ids
    that look like the resource. Of several rows with one id the first place and the last row count.
    """
    body = document(pod, accepted(pod, reply))
    rows = body.get(resource.collection)
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise no_answer(pod, reply)
    if not all(_has_id(row) and has_shape(resource.collection, row) for row in rows):
        raise no_answer(pod, reply)
    rows = list({row["id"]: row for row in rows}.values())
    return rows, bool(body.get(f"{resource.collection}_links"))


def pages(pod: Pod, page_after: Callable[[str], PodPage], marker: str = "") -> Iterator[list[ResourceRow]]:
    """The rows of all pages after a marker. A next link only tells that more follows; its URL isn't used.

    ``page_after`` asks for the page after an id. Raises PodUnreachable when the pages go back, or don't end.
    """
    chain = Chain(pod)
    more = True
    while more:
        rows, more = page_after(marker)
        chain.went_on(row["id"] for row in rows)
        yield rows
        if not rows:
            return
        marker = rows[-1]["id"]


@dataclass(slots=True)
class Chain:
    """The pages of one pod's list, which must go on and come to an end."""

    pod: Pod
    seen: set[object] = field(default_factory=set)
    length: int = 0

    def went_on(self, keys: Iterable[object]) -> None:
        """Note a page by the keys of its rows. Raises PodUnreachable for one too many, or with nothing new.

        A row may come twice, since it may have changed its place between two pages.
        """
        page = list(keys)
        self.length += 1
        if self.length > MOST_PAGES:
            raise self._no_answer(f"has more than {MOST_PAGES} pages")
        if page and self.seen.issuperset(page):
            raise self._no_answer("goes back")
        self.seen.update(page)

    def _no_answer(self, told: str) -> NoAnswer:
        return NoAnswer(self.pod.pod_id, f"a list of {self.pod.pod_name} {told}", sent=True)


def brief(resource: Resource, listed: Listed) -> Listed:
    """A row as a list without details shows it."""
    return Listed(listed.pod, resource.brief_of(listed.row))


def unknown_marker(marker: str) -> InvalidField:
    """The error for a marker that is no known id, in Nova's words."""
    return InvalidField("marker", f"marker [{marker}] not found")


def _has_id(row: object) -> bool:
    row_id = row.get("id") if isinstance(row, dict) else None
    return (
        isinstance(row_id, str) and row_id.isascii()
    )  # as all of Nova's are; links and stores take no other
