"""Follow-up: what became of new servers; a create's 202 says nothing of whether a host was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib import observability
from chalicelib.model.claim import Claim
from chalicelib.model.errors import Trio2oError
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.ports import Clock, LocationStore, PodStore, ServerReader

MOST_SERVERS = 1000  # of one pod, each round


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Looks each minute at the servers made in the last ``window_seconds``.

    Only pods that got new servers are asked, each once. A server that found no host counts as a failed
    build of its pod, and the room that its create claimed is given back. Both happen once: only the run
    that is the first to mark the server's location does them.
    """

    pods: PodStore
    locations: LocationStore
    servers: ServerReader
    troubles: Troubles
    release: Callable[[Claim], None]
    fan_out: FanOut
    clock: Clock
    window_seconds: float = 600.0
    deadline_seconds: float = 10.0

    def look(self) -> int:
        """Count new failed builds and return their number; a pod that can't be asked is asked next time."""
        failed = self.fan_out.ask(self.pods.list(), self._failed_in, self.deadline_seconds)
        found = [location for _, locations in failed.given for location in locations]
        counted = [x for x in found if self.locations.build_failed(x.resource_id, self.clock())]
        for location in counted:
            self.troubles.build_failed(location.pod_id)
            if location.claim is not None:
                self.release(location.claim)
        return len(counted)

    def _failed_in(self, pod: Pod) -> list[Location]:
        since = self.clock() - timedelta(seconds=self.window_seconds)
        recent = self.locations.created_since(pod.pod_id, since, MOST_SERVERS)
        unmarked = {x.resource_id: x for x in recent if x.build_failed_at is None}
        if not unmarked:
            return []
        try:
            failed = self.servers.without_host(pod, since)
        except Trio2oError as error:
            observability.logger().warning(
                "new servers not followed up", extra={"pod": pod.pod_name, "error": type(error).__name__}
            )
            return []
        return [location for server_id, location in unmarked.items() if server_id in failed]
