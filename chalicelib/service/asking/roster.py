"""Roster: the pods for requests that decide nothing, read every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from chalicelib.model.identity import Identity
from chalicelib.model.microversion import MicroversionRange, spoken_by_all
from chalicelib.model.pod import Pod, PodState
from chalicelib.scheduler.standing import may_use
from chalicelib.service.ports import Clock, PodStore

UNVERSIONED = MicroversionRange.parse("2.1", "2.1")  # what a client that names no microversion speaks


class Roster:
    """Routes to a pod by its id without reading the store for every request.

    No decision is made on it: a create sees the pods in the snapshot, and its claim is checked by the store.
    """

    def __init__(self, pods: PodStore, clock: Clock, cache_seconds: float) -> None:
        """``cache_seconds`` is how long an operator's change may go unseen here."""
        self._pods, self._clock = pods, clock
        self._lifetime = timedelta(seconds=cache_seconds)
        self._lock = Lock()
        self._known: dict[str, Pod] = {}
        self._read_at: datetime | None = None

    def all(self) -> list[Pod]:
        """Every pod, oldest first."""
        # The lock is held while reading, so that many requests of a cold process read the store once.
        with self._lock:
            now = self._clock()
            if self._read_at is None or not timedelta(0) <= now - self._read_at < self._lifetime:
                self._known = {pod.pod_id: pod for pod in self._pods.list()}
                self._read_at = now
            return list(self._known.values())

    def pod(self, pod_id: str) -> Pod:
        """One pod; one that isn't in the roster yet is read from the store. Raises NotFound."""
        found = next((pod for pod in self.all() if pod.pod_id == pod_id), None)
        return found or self._pods.get(pod_id)

    def of(self, pod_ids: frozenset[str]) -> list[Pod]:
        """These pods, oldest first; all are read again if one of them isn't in the roster yet."""
        if not pod_ids <= {pod.pod_id for pod in self.all()}:
            self.forget()
        return [pod for pod in self.all() if pod.pod_id in pod_ids]

    def forget(self) -> None:
        """Read again at the next request, since an operator changed something in this process."""
        with self._lock:
            self._read_at = None

    def serving(self) -> list[Pod]:
        """The pods in service, whoever may use them: proven, in a zone, not disabled; oldest first."""
        return [pod for pod in self.all() if is_in_service(pod)]

    def open_to(self, project_id: str) -> list[Pod]:
        """The pods in service whose access allows the project."""
        return [pod for pod in self.all() if serves(pod, project_id)]

    def shown_to(self, identity: Identity) -> list[Pod]:
        """The pods whose offer a caller sees: those open to its project, and to an admin all in service.

        An admin, too, needs a credential of its project where a pod has a Keystone of its own.
        """
        if not identity.is_admin:
            return self.open_to(identity.project_id)
        return [pod for pod in self.serving() if pod.lets_in(identity.project_id)]

    def zones(self) -> list[tuple[str, bool]]:
        """Every zone of a proven pod by name, and whether one of them takes new servers."""
        zones: dict[str, bool] = {}
        for pod in self.all():
            if pod.az_name and pod.proven:
                zones[pod.az_name] = pod.state is PodState.ENABLED or zones.get(pod.az_name, False)
        return sorted(zones.items())

    def microversions(self) -> MicroversionRange:
        """The compute microversions that all proven pods speak, as far as known; 2.1 when none are."""
        return spoken_by_all(self.all()) or UNVERSIONED


def serves(pod: Pod, project_id: str) -> bool:
    """Whether a pod may show what it offers to a project."""
    return is_in_service(pod) and may_use(pod, project_id)


def is_in_service(pod: Pod) -> bool:
    """Whether a pod may show to anybody what it offers."""
    return bool(pod.az_name) and pod.proven and pod.state is not PodState.DISABLED
