"""Project store: the set of pods that a project was ever placed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import transaction


class ProjectItem(Item):
    """A project and its pods. A pod stays in the set until the pod itself is deleted."""

    noun = "projects"
    project_id = UnicodeAttribute(hash_key=True)
    pod_ids = UnicodeSetAttribute(null=True)


@dataclass(frozen=True, slots=True)
class PodAddition:
    """Adds a pod to a project's set within another store's transaction."""

    table: type[ProjectItem]
    project_id: str
    pod_id: str

    def join(self, transaction: Any) -> None:
        """Add itself to a pynamodb TransactWrite. Having no condition, it can't make the transaction fail."""
        transaction.update(self.table(self.project_id), actions=[self.table.pod_ids.add({self.pod_id})])


class DynamoProjectStore:
    """Keeps one item for each project, with a string set of pod ids."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._projects = database.table(ProjectItem)

    def pod_ids(self, project_id: str) -> frozenset[str]:
        """The pods that a project was ever placed in, read strongly: a list asks just these."""
        try:
            item = self._projects.get(project_id, consistent_read=True)
        except self._projects.DoesNotExist:
            return frozenset()
        return frozenset(item.pod_ids or ())

    def add(self, project_id: str, pod_id: str) -> None:
        """Add a pod before the project's first create there. Adding it again changes nothing."""
        with transaction(self._database) as write:
            self.addition(project_id, pod_id).join(write)

    def addition(self, project_id: str, pod_id: str) -> PodAddition:
        """The write that adds a pod, to join a binding's transaction."""
        return PodAddition(self._projects, project_id, pod_id)

    def projects_in(self, pod_id: str) -> list[str]:
        """The projects that were placed in the pod. A scan of the table, only for a pod's deletion."""
        return sorted(item.project_id for item in self._naming(pod_id))

    def forget(self, pod_id: str) -> None:
        """Take a pod that is deleted out of every project's set. Running it twice does no harm."""
        for item in self._naming(pod_id):
            with transaction(self._database) as write:
                write.update(item, actions=[self._projects.pod_ids.delete({pod_id})])

    def _naming(self, pod_id: str) -> Iterable[ProjectItem]:
        return self._projects.scan(self._projects.pod_ids.contains(pod_id), consistent_read=True)
