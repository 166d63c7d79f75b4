"""Pod project: the project by which a pod with a Keystone of its own knows one of ours."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.errors import Conflict
from chalicelib.model.pod import Pod


@dataclass(frozen=True, slots=True)
class PodProject:
    """A project of ours in such a pod: the name of its credential, and its id there."""

    project_id: str
    credential_ref: str
    pod_project_id: str


def projects_of(pod: Pod) -> list[PodProject]:
    """All projects that the pod serves by a credential, by their ids."""
    return [
        PodProject(project_id, pod.project_credentials[project_id], inside)
        for project_id, inside in sorted(pod.pod_project_ids.items())
    ]


def newly_known(before: Pod, after: Pod) -> list[tuple[str, str]]:
    """The projects, with their ids inside, that a change of the pod lets in."""
    return [each for each in after.pod_project_ids.items() if each not in before.pod_project_ids.items()]


def project_taken(inside: str, owner_id: str) -> Conflict:
    """The error for a project inside that is another one's of ours, or once was: the two would meet there."""
    return Conflict(
        f"The credential's project {inside} in the pod is that of the project {owner_id} for good.",
        "credential_ref",
    )
