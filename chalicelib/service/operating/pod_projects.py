"""Pod projects: which projects a pod with a Keystone of its own serves, and by which credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.model.deed import Deed
from chalicelib.model.errors import Conflict, NoCredential, NotFound
from chalicelib.model.identity import Caller
from chalicelib.model.page import BindingQuery, Page
from chalicelib.model.pod_project import PodProject, projects_of
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.operating.pods import refuse_large
from chalicelib.service.ports import BindingStore, Clock, LocationStore, PodStore, ProjectDirectory

WRITE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PodProjects:
    """Lets projects into such pods, one project of the pod's for each of ours, and never for another one."""

    pods: PodStore
    directory: ProjectDirectory
    bindings: BindingStore
    locations: LocationStore
    clock: Clock

    def list(self, pod_id: str) -> list[PodProject]:
        """All of a pod, by project id. Raises NotFound."""
        return projects_of(self.pods.get(pod_id))

    def get(self, pod_id: str, project_id: str) -> PodProject:
        """One of them. Raises NotFound."""
        found = (each for each in self.list(pod_id) if each.project_id == project_id)
        project = next(found, None)
        if project is None:
            raise NotFound("Project", project_id)
        return project

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def let_in(
        self, pod_id: str, project_id: str, credential_ref: str, caller: Caller, reason: str
    ) -> tuple[PodProject, tuple[str, ...]]:
        """Let a project in by a credential that works, and warn of what is odd about it.

        The pod's own Keystone says for which of its projects the credential is. Raises NotFound; Conflict
        when the pod shares our Keystone, the credential fails, or its project is another one than before or
        was ever another project's of ours; KeystoneUnavailable.
        """
        pod = self.pods.get(pod_id)
        if not pod.is_hybrid:
            raise Conflict(f"{pod.pod_name} shares our Keystone, and serves every project by its own tokens.")
        try:
            inside, is_admins = self.directory.project_of(credential_ref, pod.auth_url)
        except NoCredential as error:
            raise Conflict(f"The credential doesn't work: {error}", "credential_ref") from error
        known_as = pod.pod_project_ids.get(project_id, inside)
        if known_as != inside:
            raise Conflict(
                f"{pod.pod_name} knows the project as {known_as}, and the credential is for {inside}.",
                "credential_ref",
            )
        after = replace(
            pod,
            pod_project_ids={**pod.pod_project_ids, project_id: inside},
            project_credentials={**pod.project_credentials, project_id: credential_ref},
        )
        refuse_large(after)
        self.pods.update(pod, after, Deed.of(caller, self.clock(), reason))
        odd = "the credential has the role admin there, so it serves only admins of the project"
        return PodProject(project_id, credential_ref, inside), (odd,) if is_admins else ()

    @anew_when_overtaken(WRITE_ATTEMPTS)
    def shut_out(self, pod_id: str, project_id: str, caller: Caller, reason: str) -> None:
        """Take a project's credential away.

        Raises NotFound; Conflict while the project has servers or bindings there, which nobody could reach.
        """
        self.get(pod_id, project_id)
        pod = self.pods.get(pod_id)
        bound = self.bindings.find(BindingQuery(pod_id=pod_id, project_id=project_id), Page(limit=1))
        if bound or self.locations.of_project(project_id, pod_id):
            raise Conflict(f"The project has servers or bindings in {pod.pod_name}.")
        after = replace(
            pod,
            pod_project_ids=_without(pod.pod_project_ids, project_id),
            project_credentials=_without(pod.project_credentials, project_id),
        )
        self.pods.update(pod, after, Deed.of(caller, self.clock(), reason))


def _without(entries: Mapping[str, str], project_id: str) -> dict[str, str]:
    return {name: value for name, value in entries.items() if name != project_id}
