"""Pod references: what still points at a pod, so that it can't go or change its zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict
from chalicelib.model.job import JobState
from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.ports import BindingStore, ClaimStore, JobStore, LocationStore, ProjectStore

COUNTED_AT_MOST = 100
MOST_FORGOTTEN = 500  # by one request, which has half a minute


@dataclass(frozen=True, slots=True)
class PodReferences:
    """Looks for a pod in bindings, locations, projects, claims and jobs."""

    bindings: BindingStore
    locations: LocationStore
    projects: ProjectStore
    claims: ClaimStore
    jobs: JobStore

    def refuse_deletion(
        self, pod: Pod, force: bool = False, since: datetime | None = None, *, forget_servers: bool = False
    ) -> None:
        """Raise Conflict that counts and names what refers to the pod, if anything does.

        Projects that were ever placed there count too, because their lists look into the pod; with
        ``force``, a disabled pod may go all the same, and with ``forget_servers`` even if we know servers
        there. With ``since`` (aware), creates that claimed room from then on count too: their servers may not
        be recorded yet.
        """
        may_force = pod.state is PodState.DISABLED
        placed = [] if may_force and (force or forget_servers) else self.projects.projects_in(pod.pod_id)
        servers = [] if may_force and forget_servers else self._servers(pod)
        creating = self._created(pod, since) if since else 0
        held = (
            _named(self._bindings(pod), "active binding", "active bindings"),
            _named(servers, "server", "servers"),
            _named(placed, "project placed there", "projects placed there"),
            _named(self._draining(pod), "job running", "jobs running"),
            _counted(creating, "server in creation", "servers in creation"),
        )
        if any(held):
            raise Conflict(f"{pod.pod_name} can't be deleted while it has {', '.join(filter(None, held))}")

    def forget_servers(self, pod: Pod, deed: Deed) -> None:
        """End the locations of a pod's servers. Raises Conflict where there are more than one call ends."""
        known = self.locations.of_pod(pod.pod_id, limit=MOST_FORGOTTEN + 1)
        for location in known[:MOST_FORGOTTEN]:
            self.locations.end(location.resource_id, deed.at or location.created_at, deed=deed)
        if len(known) > MOST_FORGOTTEN:
            raise Conflict(
                f"{MOST_FORGOTTEN} servers of {pod.pod_name} were forgotten and it has more: repeat it"
            )

    def refuse_zone_change(self, pod: Pod) -> None:
        """Raise Conflict while active bindings name the pod in its present zone."""
        held = _named(self._bindings(pod), "active binding", "active bindings")
        if held:
            raise Conflict(f"{pod.pod_name} can't leave {pod.az_name} while it has {held}", field="az_name")

    def _bindings(self, pod: Pod) -> list[str]:
        found = self.bindings.find(BindingQuery(pod_id=pod.pod_id), Page(limit=COUNTED_AT_MOST))
        return [binding.key.binding_id for binding in found]

    def _draining(self, pod: Pod) -> list[str]:
        jobs = self.jobs.list()
        return [job.job_id for job in jobs if job.pod_id == pod.pod_id and job.state is JobState.RUNNING]

    def _created(self, pod: Pod, since: datetime) -> int:
        balance = self.claims.read(pod.pod_id)
        claims = balance.claims.values() if balance else ()
        return sum(claim.left.instances for claim in claims if claim.made_at >= int(since.timestamp()))

    def _servers(self, pod: Pod) -> list[str]:
        return [x.resource_id for x in self.locations.of_pod(pod.pod_id, limit=COUNTED_AT_MOST)]


def _named(ids: Sequence[str], one: str, many: str) -> str:
    """How many there are and which; an operator finds each by its id."""
    counted = _counted(len(ids), one, many)
    return f"{counted} ({', '.join(ids[:COUNTED_AT_MOST])})" if ids else ""


def _counted(count: int, one: str, many: str) -> str:
    if count == 0:
        return ""
    more = " or more" if count == COUNTED_AT_MOST else ""
    return f"{count}{more} {one if count == 1 else many}"
