"""Project pods: keep the set of pods a project was ever placed in, written once per project and pod."""

from __future__ import annotations

from chalicelib.service.ports import ProjectStore, Write

MOST_KNOWN = 10_000


class ProjectPods:
    """Adds a pod to a project's set before the first create there; lists depend on it.

    Sets only grow until a pod leaves for good, so this process needn't look again for a project and pod
    that it has seen together. At ``MOST_KNOWN`` it forgets them all and starts anew.
    """

    def __init__(self, projects: ProjectStore) -> None:
        """``projects`` keeps the sets; this process knows none of them yet."""
        self._projects = projects
        self._known: set[tuple[str, str]] = set()

    def additions(self, project_id: str, pod_id: str) -> list[Write]:
        """What must join a binding's transaction; nothing when the set is known to hold the pod."""
        if (project_id, pod_id) in self._known:
            return []
        return [self._projects.addition(project_id, pod_id)]

    def ensure(self, project_id: str, pod_id: str) -> None:
        """Make sure that the set holds the pod: a read mostly, a write the first time."""
        if (project_id, pod_id) in self._known:
            return
        if pod_id not in self._projects.pod_ids(project_id):
            self._projects.add(project_id, pod_id)
        self.learn(project_id, pod_id)

    def learn(self, project_id: str, pod_id: str) -> None:
        """Take note that the set holds the pod."""
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known.add((project_id, pod_id))
