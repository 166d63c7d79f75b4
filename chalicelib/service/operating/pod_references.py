"""Pod references: what still points at a pod, so that it can't go or change its zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.model.errors import Conflict
from chalicelib.model.job import JobState
from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod import Pod, PodState
from chalicelib.service.ports import BindingStore, ClaimStore, JobStore, LocationStore, ProjectStore

COUNTED_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class PodReferences:
    """Looks for a pod in bindings, locations, projects, claims and jobs."""

    bindings: BindingStore
    locations: LocationStore
    projects: ProjectStore
    claims: ClaimStore
    jobs: JobStore

    def refuse_deletion(self, pod: Pod, force: bool = False, since: datetime | None = None) -> None:
        """Raise Conflict that counts what refers to the pod, if anything does.

        Projects that were ever placed there count too, because their lists look into the pod; with
        ``force``, a disabled pod may go all the same. With ``since`` (aware), creates that claimed room from
        then on count too: their servers may not be recorded yet.
        """
        forgettable = force and pod.state is PodState.DISABLED
        placed = 0 if forgettable else self.projects.projects_in(pod.pod_id)
        held = (
            _counted(self._bindings(pod), "active binding", "active bindings"),
            _counted(self._servers(pod), "server", "servers"),
            _counted(placed, "project placed there", "projects placed there"),
            _counted(self._draining(pod), "job running", "jobs running"),
            _counted(self._created(pod, since) if since else 0, "server in creation", "servers in creation"),
        )
        if any(held):
            raise Conflict(f"{pod.pod_name} can't be deleted while it has {', '.join(filter(None, held))}")

    def refuse_zone_change(self, pod: Pod) -> None:
        """Raise Conflict while active bindings name the pod in its present zone."""
        held = _counted(self._bindings(pod), "active binding", "active bindings")
        if held:
            raise Conflict(f"{pod.pod_name} can't leave {pod.az_name} while it has {held}", field="az_name")

    def _bindings(self, pod: Pod) -> int:
        return len(self.bindings.find(BindingQuery(pod_id=pod.pod_id), Page(limit=COUNTED_AT_MOST)))

    def _draining(self, pod: Pod) -> int:
        jobs = self.jobs.list()
        return sum(job.pod_id == pod.pod_id and job.state is JobState.RUNNING for job in jobs)

    def _created(self, pod: Pod, since: datetime) -> int:
        balance = self.claims.read(pod.pod_id)
        claims = balance.claims.values() if balance else ()
        return sum(claim.left.instances for claim in claims if claim.made_at >= int(since.timestamp()))

    def _servers(self, pod: Pod) -> int:
        return len(self.locations.of_pod(pod.pod_id, limit=COUNTED_AT_MOST))


def _counted(count: int, one: str, many: str) -> str:
    if count == 0:
        return ""
    more = " or more" if count == COUNTED_AT_MOST else ""
    return f"{count}{more} {one if count == 1 else many}"
