"""Census: locations whose servers a pod doesn't list any more are found, however long ago they went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib import observability
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest, has
from chalicelib.model.sweep import FoundServer, Sweep
from chalicelib.service.observing.adoption import Adoption
from chalicelib.service.ports import Clock, LocationStore, PodClient, ServerReader

EVERY = timedelta(minutes=5)
MOST_COUNTED = 400  # locations of a pod in one round
MOST_ASKED = 20
SETTLED = timedelta(minutes=10)  # a younger server may be on its way into the pod's list
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Census:
    """Walks through a pod's locations, oldest first, beside the pod's own list of all servers.

    What was deleted shows among the changes (``Adoption``), but a pod may have purged it by the time that
    somebody looks. A location ends only when its pod, which sees all of its cells, says 404 to a show.
    What is listed and has no location gets one: a list of changes that left it out won't show it again.
    """

    locations: LocationStore
    servers: ServerReader
    adoption: Adoption
    client: PodClient
    clock: Clock

    def look(self, pod: Pod, sees_all: Callable[[], bool]) -> None:
        """One part of the walk. Raises what asking the pod raises, and StoreBusy."""
        now, key = self.clock(), f"{pod.pod_id}#census"
        walk = self.locations.sweep(key) or Sweep(key, now - EVERY)
        if now - walk.began_at < EVERY:
            return
        after = self.locations.get(walk.marker) if walk.marker else None
        counted = self.locations.page_of_pod(pod.pod_id, after, MOST_COUNTED)
        listed = self._listed(pod, after)
        self.adoption.make_right(pod, listed)
        if counted:
            there = {server.server_id for server in listed}
            missing = [x for x in counted if x.resource_id not in there and x.created_at < now - SETTLED]
            if missing and sees_all():
                self._end(pod, missing[:MOST_ASKED])
            last = missing[MOST_ASKED - 1] if len(missing) > MOST_ASKED else counted[-1]
            is_over = last is counted[-1] and len(counted) < MOST_COUNTED
            self.locations.keep_sweep(Sweep(key, now, marker="" if is_over else last.resource_id))
        else:
            self.locations.keep_sweep(Sweep(key, now))

    def _listed(self, pod: Pod, after: Location | None) -> Sequence[FoundServer]:
        """What the pod lists there; nothing where it doesn't know the server that comes before."""
        try:
            return self.servers.page(pod, None, after.resource_id if after else "")
        except UntrustedReport:
            if after is None:
                raise
            return ()

    def _end(self, pod: Pod, missing: Sequence[Location]) -> None:
        for location in missing:
            show = PodRequest("GET", f"/servers/{location.resource_id}", read_timeout_seconds=SECONDS)
            if not has(pod, self.client.send(pod, show)) and self._is_still_there(pod, location):
                self.locations.end(location.resource_id, self.clock())
                extra = {"pod": pod.pod_name, "server": location.resource_id}
                observability.logger().warning("location ended of a server that was purged", extra=extra)

    def _is_still_there(self, pod: Pod, location: Location) -> bool:
        """Whether it is the pod's by now: the walk reads an index, and an operator may have moved it."""
        now = self.locations.get(location.resource_id)
        return now is not None and now.pod_id == pod.pod_id
