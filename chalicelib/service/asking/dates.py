"""Dates: when resources were made, as far as this process has seen it in lists with details."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from chalicelib.model.pod import Pod
from chalicelib.model.resource import Resource, ResourceRow

MOST_KNOWN = 50_000  # some 12 MB


class Dates:
    """A list without details doesn't show by what it is sorted by default; what was made once keeps its date.

    At ``MOST_KNOWN`` it forgets them all and starts anew.
    """

    def __init__(self) -> None:
        """It knows of nothing yet."""
        self._lock = Lock()
        self._count = 0
        self._known: dict[str, dict[str, str]] = {}

    def knows(self, pod: Pod) -> bool:
        """Whether anything of this pod was seen, so that asking for rows without details is worth a try."""
        return pod.pod_id in self._known

    def note(self, pod: Pod, resource: Resource, rows: Iterable[ResourceRow]) -> None:
        """Learn from rows with details. A date that may still change isn't learned."""
        new = {
            row["id"]: row[resource.dated_by]
            for row in rows
            if resource.dated_by in row and row.get("status") not in resource.unsettled
        }
        with self._lock:
            if self._count + len(new) > MOST_KNOWN:
                self._known, self._count = {}, 0
            known = self._known.setdefault(pod.pod_id, {})
            before = len(known)
            known.update(new)
            self._count += len(known) - before

    def dated(self, pod: Pod, resource: Resource, row: ResourceRow) -> ResourceRow | None:
        """A row without details, with its date; None when that isn't known."""
        date = self._known.get(pod.pod_id, {}).get(row["id"])
        return None if date is None else {**row, resource.dated_by: date}
