"""Adoption: what we know of a pod's servers is made to agree with the pod's own list of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import observability
from chalicelib.model.errors import Trio2oError, UntrustedReport
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.sweep import FoundServer, Sweep
from chalicelib.service.observing.marked_servers import MarkedServers
from chalicelib.service.ports import Clock, LocationStore, ProjectStore, ServerReader

# A pod may have ten thousand servers when it is registered, and a round has a minute for all pods.
MOST_PAGES = 2
MOST_WRITTEN = 200
MOST_UNMARKED = 20
# A list that was asked for before a delete shows the server, though the location ended meanwhile.
SINCE_ENDED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Adoption:
    """Looks through each pod's servers once, over as many rounds as it takes, and then at what changed.

    Servers that were there before their pod was registered, or were made behind our back, get a location, and
    their project gets the pod. No binding is written: where the project's next server goes is no matter of
    where it has some. Locations of servers that are gone end, and those of servers that stayed though their
    delete was accepted live again. Of the servers, nothing but markers is touched.
    """

    locations: LocationStore
    projects: ProjectStore
    servers: ServerReader
    marked: MarkedServers
    clock: Clock

    def look(self, pod: Pod) -> int:
        """How many servers a round dealt with. Raises nothing: a report must not be lost for that."""
        if not pod.proven:
            return 0
        try:
            return self._sweep(pod)
        except Exception as error:
            unforeseen = error if not isinstance(error, Trio2oError) else None
            extra = {"pod": pod.pod_name, "error": type(error).__name__}
            observability.logger().warning("servers not looked through", extra=extra, exc_info=unforeseen)
            return 0

    def make_right(self, pod: Pod, listed: Sequence[FoundServer]) -> None:
        """Deal with servers that a pod lists, whether they changed or not. Raises StoreBusy."""
        self._heal(pod, listed, MOST_WRITTEN, self.clock())

    def _sweep(self, pod: Pod) -> int:
        now = self.clock()
        sweep = (self.locations.sweep(pod.pod_id) or Sweep(pod.pod_id, now)).begun(now)
        left = MOST_WRITTEN
        for _ in range(MOST_PAGES):
            try:
                page = self.servers.page(pod, sweep.since, sweep.marker)
            except UntrustedReport:
                if not sweep.marker:
                    raise
                sweep = sweep.after("")  # the server at which we stopped is gone: once more from the start
                break
            if not page:
                sweep = sweep.over()
                break
            looked_at = self._heal(pod, page, left, now)
            left -= sum(looked_at.values())
            if looked_at:
                sweep = sweep.after(list(looked_at)[-1])
            if len(looked_at) < len(page):
                break
        self.locations.keep_sweep(sweep)
        return MOST_WRITTEN - left

    def _heal(self, pod: Pod, page: Sequence[FoundServer], most: int, now: datetime) -> dict[str, bool]:
        """Make what is stored of the page's servers right, with ``most`` of them changed at most.

        Returns the ids of those that are done with, and which of them had something to change.
        """
        known = {x.resource_id: x for x in self.locations.found(server.server_id for server in page)}
        done: dict[str, bool] = {}
        for server in page:
            if sum(done.values()) == most:
                break
            done[server.server_id] = self._made_right(pod, server, known.get(server.server_id), now)
        located = [server for server in page if server.server_id in known and server.server_id in done]
        self._unmark(pod, (x for x in located if known[x.server_id].pod_id == pod.pod_id))
        return done

    def _made_right(self, pod: Pod, server: FoundServer, known: Location | None, now: datetime) -> bool:
        """Whether there was anything to do. Of a location that lives, what another pod lists says nothing."""
        if known is None or self._came_back(pod, server, known, now):
            # What no project of ours has there is the affair of who runs that cloud.
            return server.stays and pod.lets_in(server.project_id) and self._found(pod, server)
        if known.pod_id != pod.pod_id:
            return False
        if server.deleted and known.ended_at is None:
            self.locations.end(server.server_id, now)
            return True
        stayed = self._ended_before(known, now) and server.stays
        if stayed:
            self.locations.remember(known.revived())
        return stayed

    def _came_back(self, pod: Pod, server: FoundServer, known: Location, now: datetime) -> bool:
        """Whether a project's server is in another pod than where its location ended, as when its pod was
        removed, its servers forgotten, and it is registered again. What an operator ended is no late list.
        """
        elsewhere = known.pod_id != pod.pod_id and known.project_id == server.project_id
        forgotten = known.ended_at is not None and known.deed is not None
        return elsewhere and (forgotten or self._ended_before(known, now))

    @staticmethod
    def _ended_before(known: Location, now: datetime) -> bool:
        return known.ended_at is not None and known.ended_at < now - SINCE_ENDED

    def _unmark(self, pod: Pod, located: Iterable[FoundServer]) -> None:
        """Take some markers off. Those that are left do no harm, and a later look may take them off."""
        asked = 0
        for server in located:
            asked += self.marked.unmark(pod, server)
            if asked == MOST_UNMARKED:
                return

    def _found(self, pod: Pod, server: FoundServer) -> bool:
        """Adopt a server without a location, unless its marker says that it is somebody's to conclude."""
        location = self.marked.location(pod, server)
        if location is None:
            return server.marker is not None
        self.projects.add(server.project_id, pod.pod_id)  # first: lists ask only a project's pods
        self.locations.remember(location)
        return True
