"""Adoption: servers that we don't know of get a location, so that they are served like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import Trio2oError, UntrustedReport
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.sweep import FoundServer, Sweep
from chalicelib.service.ports import Clock, LocationStore, ProjectStore, ServerReader

# A pod may have ten thousand servers when it is registered, and a round has a minute for all pods.
MOST_PAGES = 2
MOST_ADOPTED = 200


@dataclass(frozen=True, slots=True)
class Adoption:
    """Looks through each pod's servers once, over as many rounds as it takes, and then at what changed.

    Servers that were there before their pod was registered, or were made behind our back, get a location, and
    their project gets the pod. No binding is written: where the project's next server goes is no matter of
    where it has some. The servers themselves aren't touched.
    """

    locations: LocationStore
    projects: ProjectStore
    servers: ServerReader
    clock: Clock

    def look(self, pod: Pod) -> int:
        """How many servers a round adopted. Raises nothing: a report must not be lost for that."""
        if not pod.proven:
            return 0
        try:
            return self._sweep(pod)
        except Exception as error:
            unforeseen = error if not isinstance(error, Trio2oError) else None
            extra = {"pod": pod.pod_name, "error": type(error).__name__}
            observability.logger().warning("servers not looked through", extra=extra, exc_info=unforeseen)
            return 0

    def _sweep(self, pod: Pod) -> int:
        now = self.clock()
        sweep = (self.locations.sweep(pod.pod_id) or Sweep(pod.pod_id, now)).begun(now)
        left = MOST_ADOPTED
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
            looked_at, adopted = self._adopt(pod, page, left)
            left -= adopted
            if looked_at:
                sweep = sweep.after(looked_at[-1].server_id)
            if len(looked_at) < len(page):
                break
        self.locations.keep_sweep(sweep)
        return MOST_ADOPTED - left

    def _adopt(self, pod: Pod, page: Sequence[FoundServer], most: int) -> tuple[Sequence[FoundServer], int]:
        """Adopt the page's servers that we don't know, ``most`` at most.

        Returns those of the page that are done with, and how many were adopted.
        """
        alive = [server for server in page if not server.deleted]
        known = {location.resource_id for location in self.locations.found(x.server_id for x in alive)}
        unknown = [server for server in alive if server.server_id not in known]
        for project_id in {server.project_id for server in unknown[:most]}:
            self.projects.add(project_id, pod.pod_id)  # first: lists ask only a project's pods
        for server in unknown[:most]:
            self.locations.remember(_location(server, pod))
        if len(unknown) > most:
            return page[: page.index(unknown[most])], most
        return page, len(unknown)


def _location(server: FoundServer, pod: Pod) -> Location:
    return Location(server.server_id, server.project_id, pod.pod_id, server.created_at, server.name)
