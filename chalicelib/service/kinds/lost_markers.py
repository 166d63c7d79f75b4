"""Lost markers: where something stood that was deleted before we knew its pod, by that pod's own list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.list_query import ListQuery, turned_round
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import Resource, ResourceRow, is_uuid
from chalicelib.service.asking.answer import PodRefused
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.pages import Listed, rows_of
from chalicelib.service.kinds.located import Located
from chalicelib.service.ports import PodClient

OF_CHANGES = frozenset({"changes-since", "changes-before", "deleted"})  # the filters that show what is gone
# Nova puts the servers that have no host yet before all others, in whatever order.
FEW = 50


@dataclass(frozen=True, slots=True)
class LostMarkers:
    """Asks the pods that may list it, in parallel, each for ``deadline_seconds`` at most.

    A list of changes has what was deleted too, be it long ago. Its pod shows it nowhere else, but takes it
    as a marker: what comes before the row that follows it is the marker itself. In other lists no marker is
    looked for.
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
        if not (resource.deleted_query and resource.unique_sort_key and is_uuid(query.marker)):
            return None
        if OF_CHANGES.isdisjoint(query.filters):
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

        def listed(pairs: tuple[tuple[str, str], ...]) -> list[ResourceRow]:
            path = f"/{resource.collection}/detail?{urlencode(pairs)}"
            question = replace(request, path=path, read_timeout_seconds=self.deadline_seconds)
            return rows_of(pod, self.client.send(pod, question), resource)[0]

        try:
            following = listed(query.for_pod(resource, marker, limit=1))
        except PodRefused:
            # It never had it. Nova takes another project's server as a marker, so the pod is asked on: how
            # often it is asked must not tell that there is one.
            following = []
        after = following[0]["id"] if following else ""
        try:
            before = listed(turned_round(query.for_pod(resource, after, limit=FEW)))
        except PodRefused:
            return None
        return next((row for row in before if row["id"].lower() == marker), None)
