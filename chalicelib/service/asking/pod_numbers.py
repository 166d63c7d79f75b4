"""Pod numbers: which number each pod has, read once, since a number is for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.model.pod import Pod
from chalicelib.service.ports import PodNumberStore


class PodNumbers:
    """Asks the store only when a pod comes up that has no number here yet."""

    def __init__(self, store: PodNumberStore) -> None:
        self._store = store
        self._known: Mapping[str, int] = {}

    def of(self, pods: Iterable[Pod]) -> Mapping[str, int]:
        """The numbers by the pods' ids. A pod that has none gets one; the oldest pod comes first."""
        pod_ids = [pod.pod_id for pod in pods]
        if any(pod_id not in self._known for pod_id in pod_ids):
            self._known = self._store.of(pod_ids)
        return self._known
