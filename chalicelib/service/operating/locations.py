"""Locations: operators look at where servers are, and end and move locations by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, InvalidField, NotFound
from chalicelib.model.identity import Caller
from chalicelib.model.location import Location
from chalicelib.model.page import Page
from chalicelib.service.ports import Clock, LocationStore, PodStore, ProjectStore

NOUN = "Location"


@dataclass(frozen=True, slots=True)
class Locations:
    """Locations as operators see and change them; each keeps who changed it last, when and why.

    Nothing is asked of a pod: a location may have to be changed because its pod is gone.
    """

    locations: LocationStore
    projects: ProjectStore
    pods: PodStore
    clock: Clock

    def find(self, pod_id: str = "", project_id: str = "", page: Page = Page()) -> list[Location]:
        """Those that haven't ended, pod by pod in the order of their ids, oldest first.

        Raises InvalidField for a marker that is no location.
        """
        after = self._marker(page.marker)
        found: list[Location] = []
        for each in self._pod_ids(pod_id, project_id):
            if after is not None and each < after.pod_id:
                continue
            start = after if after is not None and after.pod_id == each else None
            found += self.locations.page_of_pod(each, start, page.limit - len(found), project_id)
            if len(found) >= page.limit:
                break
        return found

    def get(self, resource_id: str) -> Location:
        """One location, ended or not. Raises NotFound."""
        found = self.locations.get(resource_id)
        if found is None:
            raise NotFound(NOUN, resource_id)
        return found

    def end(self, resource_id: str, caller: Caller, reason: str) -> Location:
        """End a location by hand. Raises NotFound, Conflict when it has ended already."""
        if self.get(resource_id).ended_at is not None:
            raise Conflict(f"location {resource_id} has ended")
        now = self.clock()
        self.locations.end(resource_id, now, deed=Deed.of(caller, now, reason))
        return self.get(resource_id)

    def move(self, resource_id: str, pod_id: str, caller: Caller, reason: str) -> Location:
        """Say that a server is in another pod. If its location had ended, it lives again.

        A wrong move ends a location: that pod knows of no such server. Only a move mends it.
        Raises NotFound; InvalidField when there is no such pod or it has no servers; Conflict when the
        location is there already; GenerationConflict when somebody changed it meanwhile.
        """
        before = self.get(resource_id)
        try:
            pod = self.pods.get(pod_id)
        except NotFound as error:
            raise InvalidField("pod_id", f"no pod has the id {pod_id}") from error
        if not pod.az_name:
            raise InvalidField("pod_id", f"{pod.pod_name} is the top region, which has no servers")
        if before.pod_id == pod_id:
            raise Conflict(f"it is in {pod.pod_name} already", field="pod_id")
        self.projects.add(before.project_id, pod_id)  # first: lists ask only a project's pods
        return self.locations.move(before, pod_id, Deed.of(caller, self.clock(), reason))

    def _marker(self, marker: str) -> Location | None:
        if not marker:
            return None
        after = self.locations.get(marker)
        if after is None:
            raise InvalidField("marker", f"no location has the id {marker}")
        return after

    def _pod_ids(self, pod_id: str, project_id: str) -> Sequence[str]:
        """The pods that may hold what is asked for."""
        if pod_id:
            return [pod_id]
        if project_id:
            return sorted(self.projects.pod_ids(project_id))
        return sorted(pod.pod_id for pod in self.pods.list() if pod.az_name)
