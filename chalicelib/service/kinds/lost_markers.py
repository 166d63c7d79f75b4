"""Lost markers: where a row stood of what was deleted before we knew it, as its pod's own list shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery, turned_round
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import Resource, ResourceRow
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import Listed, rows_of
from chalicelib.service.kinds.located import Located
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class LostMarkers:
    """Asks the pods that may list it, in parallel, each for ``deadline_seconds`` at most.

    A list of changes has what was deleted too, be it long ago. Its pod shows it nowhere else, but takes it
    as a marker: what comes before the row that follows it is the marker itself.
    """

    located: Located
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def find(
        self, caller: Caller, resource: Resource, query: ListQuery, request: PodRequest
    ) -> Listed | None:
        """The marker's row in this list; None when no pod has it there.

        Raises Unavailable when a pod that may have it doesn't answer.
        """
        if resource.deleted_query is None or not resource.unique_sort_key:
            return None
        holders = self.located.holders(caller, query.all_tenants and caller.identity.is_admin)
        answers = self.fan_out.ask(
            holders,
            lambda pod: self._row(pod, resource, query, request),
            caller.deadline.at_most(self.deadline_seconds),
        )
        found = [Listed(pod, row) for pod, row in answers.given if row is not None]
        if answers.missing and not found:
            raise Unavailable("The marker can't be looked up now: a pod doesn't answer.")
        return found[0] if found else None

    def _row(self, pod: Pod, resource: Resource, query: ListQuery, request: PodRequest) -> ResourceRow | None:
        marker = query.marker.lower()

        def first(pairs: tuple[tuple[str, str], ...]) -> ResourceRow | None:
            path = f"/{resource.collection}/detail?{urlencode(pairs)}"
            question = replace(request, path=path, read_timeout_seconds=self.deadline_seconds)
            rows, _ = rows_of(pod, self.client.send(pod, question), resource)
            return rows[0] if rows else None

        try:
            following = first(query.for_pod(resource, marker, limit=1))
            before = query.for_pod(resource, following["id"] if following else "", limit=1)
            row = first(turned_round(before))
        except PodRefused:
            return None  # it never had it, or refuses the list itself, which it will say to the list
        return row if row is not None and row["id"].lower() == marker else None
