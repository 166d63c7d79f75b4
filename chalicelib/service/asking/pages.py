"""Pages: the rows that pods list, page by page, and one page merged out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.model.errors import InvalidField
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, no_answer
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.asking.answer import accepted, document

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

    Raises PodRefused when the pod refuses the query, PodUnreachable when it gives no list of objects
    with ids.
    """
    body = document(pod, accepted(pod, reply))
    rows = body.get(resource.collection)
    if not isinstance(rows, list) or not all(_has_id(row) for row in rows):
        raise no_answer(pod, reply)
    return rows, bool(body.get(f"{resource.collection}_links"))


def pages(page_after: Callable[[str], PodPage], marker: str = "") -> Iterator[list[ResourceRow]]:
    """The rows of all pages after a marker. A next link only tells that more follows; its URL isn't used.

    ``page_after`` asks for the page after an id.
    """
    more = True
    while more:
        rows, more = page_after(marker)
        yield rows
        if not rows or rows[-1]["id"] == marker:
            return
        marker = rows[-1]["id"]


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
