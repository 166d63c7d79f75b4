"""Project store in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class MemoryProjectStore:
    """A set of pods for each project."""

    def __init__(self) -> None:
        """Start with no project placed anywhere."""
        self._pod_ids: dict[str, frozenset[str]] = {}

    def pod_ids(self, project_id: str) -> frozenset[str]:
        """The pods a project was ever placed in."""
        return self._pod_ids.get(project_id, frozenset())

    def add(self, project_id: str, pod_id: str) -> None:
        """Before the first create there; adding twice is harmless."""
        self._pod_ids[project_id] = self.pod_ids(project_id) | {pod_id}

    def addition(self, project_id: str, pod_id: str) -> PodAddition:
        """The same as a write that joins a binding's transaction."""
        return PodAddition(self, project_id, pod_id)

    def projects_in(self, pod_id: str) -> int:
        """How many projects name the pod."""
        return sum(pod_id in pod_ids for pod_ids in self._pod_ids.values())

    def forget(self, pod_id: str) -> None:
        """Take a pod that is leaving for good out of every project's set."""
        self._pod_ids = {project_id: pod_ids - {pod_id} for project_id, pod_ids in self._pod_ids.items()}


@dataclass(frozen=True, slots=True)
class PodAddition:
    """Adds a pod to a project's set when the binding's write succeeds."""

    store: MemoryProjectStore
    project_id: str
    pod_id: str

    def join(self, transaction: Any) -> None:
        """Add itself to the list of things to do."""
        transaction.append(lambda: self.store.add(self.project_id, self.pod_id))
