"""Snapshots: what a create needs of all pods, read once every few seconds and rebuilt at every change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import random
from threading import Lock

from chalicelib import observability
from chalicelib.model.deed import NOBODYS, Deed
from chalicelib.model.pod import Pod
from chalicelib.model.pod_event import PodEvent
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.service.lost_races import anew_when_overtaken
from chalicelib.service.ports import Clock, PodStore, SnapshotStore

MOST_REBUILDS = 5
JITTER = 0.2  # of the time in the cache; without it all processes would read in the same second


class Snapshots:
    """One reading serves all requests of this process until it is too old.

    Other processes may still hold one that is seconds older, so what must be in force at once (a cordon, the
    room that is left) is checked by the claim that every create makes.
    """

    def __init__(
        self,
        store: SnapshotStore,
        pods: PodStore,
        clock: Clock,
        cache_seconds: float,
        chance: Callable[[], float] = random,
    ) -> None:
        """``chance`` draws from 0.0 to 1.0, for the jitter."""
        self._store, self._pods, self._clock = store, pods, clock
        self._cache_seconds, self._chance = cache_seconds, chance
        self._reading = Lock()
        self._held: Snapshot | None = None
        self._fresh_from = self._fresh_until = datetime.min
        self._forgotten = 0

    def current(self) -> Snapshot:
        """The pods as creates see them; threads that come while one reads wait for what it reads.

        Built from the pods themselves where none is stored yet. Raises StoreBusy.
        """
        with self._reading:
            now = self._clock()
            held = self._held
            if held is not None and self._fresh_from <= now < self._fresh_until:
                return held
            forgotten = self._forgotten
            read = self._store.get()
            if read is None:
                read = snapshot_of(self._pods.list(), self._store.version())
            if forgotten == self._forgotten:  # else an operator wrote while we read: read again next time
                self._hold(read, now)
            return read

    def forget(self) -> None:
        """Read again at the next create, since this process changed something."""
        self._forgotten += 1
        self._held = None

    def rebuild(self) -> None:
        """Write a new snapshot after a pod was written, so that creates see the change.

        The version is read before the pods. If another process writes a snapshot in between, ours is
        refused and the pods are read again, so no change is lost. A failure is only logged: the pod itself is
        written, claims respect the change already, and the next refresh rebuilds the snapshot.
        """
        self.forget()
        try:
            self._rebuild()
        except Exception:
            observability.logger().exception("snapshot not rebuilt")
        finally:
            self.forget()

    @anew_when_overtaken(MOST_REBUILDS)
    def _rebuild(self) -> None:
        seen = self._store.version()
        self._store.put(snapshot_of(self._pods.list(), seen + 1))

    def _hold(self, read: Snapshot, now: datetime) -> None:
        seconds = self._cache_seconds * (1.0 - JITTER * self._chance())
        self._held, self._fresh_from, self._fresh_until = read, now, now + timedelta(seconds=seconds)


class PublishedPods:
    """A pod store that rebuilds the snapshot after each of its writes."""

    def __init__(self, pods: PodStore, snapshots: Snapshots, changed: Callable[[], None]) -> None:
        """``changed`` is called after each write, before the snapshot is rebuilt."""
        self._pods, self._snapshots, self._changed = pods, snapshots, changed

    def create(self, pod: Pod, deed: Deed = NOBODYS) -> None:
        """Add a pod and publish it. Raises as the store does."""
        self._pods.create(pod, deed)
        self._publish()

    def get(self, pod_id: str) -> Pod:
        """One pod, read strongly from the store. Raises NotFound."""
        return self._pods.get(pod_id)

    def list(self) -> list[Pod]:
        """All pods, read strongly from the store."""
        return self._pods.list()

    def update(self, before: Pod, after: Pod, deed: Deed = NOBODYS) -> Pod:
        """Write a changed pod and publish it. Raises as the store does."""
        written = self._pods.update(before, after, deed)
        self._publish()
        return written

    def delete(self, pod: Pod, deed: Deed = NOBODYS) -> None:
        """Take a pod away and publish that. Raises as the store does."""
        self._pods.delete(pod, deed)
        self._publish()

    def history(self, pod_id: str, after: int = 0, limit: int = 1000) -> Sequence[PodEvent]:
        """A pod's events, read strongly from the store."""
        return self._pods.history(pod_id, after, limit)

    def _publish(self) -> None:
        self._changed()
        self._snapshots.rebuild()
