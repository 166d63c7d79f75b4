"""Project store in memory."""

from __future__ import annotations

from chalicelib.adapters.memory.transaction import Step


class MemoryProjectStore:
    """Keeps for each project the set of pods that it was ever placed in."""

    def __init__(self) -> None:
        self._pod_ids: dict[str, frozenset[str]] = {}

    def pod_ids(self, project_id: str) -> frozenset[str]:
        """The pods that a project was ever placed in."""
        return self._pod_ids.get(project_id, frozenset())

    def add(self, project_id: str, pod_id: str) -> None:
        """Add a pod before the project's first create there. Adding it again changes nothing."""
        self._pod_ids[project_id] = self.pod_ids(project_id) | {pod_id}

    def addition(self, project_id: str, pod_id: str) -> Step:
        """The write that adds a pod, to join a binding's transaction."""
        return Step(lambda: self.add(project_id, pod_id))

    def projects_in(self, pod_id: str) -> list[str]:
        """The projects that were placed in the pod."""
        return sorted(project_id for project_id, pod_ids in self._pod_ids.items() if pod_id in pod_ids)

    def forget(self, pod_id: str) -> None:
        """Take a pod that is deleted out of every project's set."""
        self._pod_ids = {project_id: pod_ids - {pod_id} for project_id, pod_ids in self._pod_ids.items()}
