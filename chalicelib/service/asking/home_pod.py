"""Home pod: where what a project makes is kept, if nothing it names says where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.affinity import GENERAL
from chalicelib.model.errors import Unavailable
from chalicelib.model.pod import Pod, PodState
from chalicelib.scheduler.standing import misfits
from chalicelib.service.asking.roster import Roster, serves
from chalicelib.service.ports import BindingStore, ProjectStore


@dataclass(frozen=True, slots=True)
class HomePods:
    """Finds the pod that a project's next server without a zone most likely goes to.

    ``default_az_name`` is the zone of requests that ask for none; empty: any zone.
    """

    roster: Roster
    bindings: BindingStore
    projects: ProjectStore
    default_az_name: str

    def of(self, project_id: str) -> Pod:
        """The project's bound pod of the default zone; without such a zone, the pod of its oldest binding.

        Without a binding: the oldest pod open to the project, if possible one that takes new servers.
        Raises Unavailable when no pod is open to it.
        """
        bound = [
            one for one in self.bindings.of_project(project_id, GENERAL) if self._in_zone(one.key.az_name)
        ]
        for binding in sorted(bound, key=lambda one: (one.created_at, one.key)):
            pod = next((pod for pod in self.roster.all() if pod.pod_id == binding.pod_id), None)
            if pod is not None and serves(pod, project_id):
                return pod
        pods = self.roster.open_to(project_id)
        if not pods:
            raise Unavailable("No pod is open to the project now.")
        return min(pods, key=lambda pod: (not self._in_zone(pod.az_name), _takes_nothing(pod, project_id)))

    def entered(self, project_id: str) -> Pod:
        """The same, for a project that makes something there: lists and searches ask the pod from now on."""
        pod = self.of(project_id)
        if pod.pod_id not in self.projects.pod_ids(project_id):
            self.projects.add(project_id, pod.pod_id)
        return pod

    def _in_zone(self, az_name: str) -> bool:
        return az_name == (self.default_az_name or az_name)


def _takes_nothing(pod: Pod, project_id: str) -> bool:
    """Whether a server without tags surely doesn't go there."""
    return pod.state is not PodState.ENABLED or bool(misfits(pod, project_id, {}))
