"""Concluding: what came of a create of which nobody heard is learned from its pod."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib import observability
from chalicelib.model.errors import GenerationConflict
from chalicelib.model.intent import MOST_JOINED, Intent
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.stray import SKEW
from chalicelib.model.sweep import FoundServer
from chalicelib.service.observing.marked_servers import location_of, of_create
from chalicelib.service.ports import ClaimStore, Clock, IntentStore, LocationStore, ProjectStore, ServerReader

# Between two proofs of absence, so that what was under way at the first shows at the second.
APART = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Concluding:
    """Adopts the servers of a settled create, or finds that it made none.

    Whatever another process writes about the create meanwhile counts, and nothing is written here then.
    """

    intents: IntentStore
    locations: LocationStore
    projects: ProjectStore
    claims: ClaimStore
    servers: ServerReader
    clock: Clock

    def conclude(self, pod: Pod, intent: Intent, sees_all: Callable[[], bool]) -> bool:
        """Whether the outcome of a settled create is known now.

        ``sees_all`` tells whether the pod proves that it sees all of its servers. Raises what asking the pod
        raises, and StoreBusy.
        """
        found = self.servers.marked(pod, intent.marker, intent.project_id, intent.made_at - SKEW)
        own = [server for server in found if server.project_id == intent.project_id]
        try:
            if own:
                self._adopt(pod, intent, own)
                return True
            # A marker on another project's server tells that something is wrong there, and proves nothing.
            return not found and sees_all() and self._made_nothing(intent)
        except GenerationConflict:
            return True  # its own client asked again, and wrote what became of it

    def abandon(self, intent: Intent) -> None:
        """Conclude a create whose pod was removed: whatever it made is gone with the pod."""
        try:
            self.intents.put(intent.failed())
        except GenerationConflict:
            observability.logger().info("create concluded by its client", extra=_names(intent))

    def _adopt(self, pod: Pod, intent: Intent, found: Sequence[FoundServer]) -> None:
        """Its servers are known from now on, in one write with their locations."""
        servers = sorted(found, key=lambda server: server.server_id)
        done = intent.done(tuple(server.server_id for server in servers), None)
        known = {location.resource_id: location for location in self.locations.found(done.server_ids)}
        new = [
            of_create(location_of(server, pod), done)
            for server in servers
            if server.stays and _is_replaceable(known.get(server.server_id), pod)
        ]
        self.projects.add(intent.project_id, pod.pod_id)
        for location in new[MOST_JOINED:]:
            self.locations.remember(location)
        self.intents.put(done, [self.locations.addition(location) for location in new[:MOST_JOINED]])
        observability.logger().warning(
            "servers adopted of a create that nobody heard of",
            extra={**_names(intent), "servers": len(servers)},
        )

    def _made_nothing(self, intent: Intent) -> bool:
        """Note that its pod has no such server; the second time, some while later, it has failed."""
        now = self.clock()
        if intent.absent_at is None:
            self.intents.put(intent.absent(now))
            return False
        if now - intent.absent_at < APART:
            return False
        self.intents.put(intent.failed())
        self._give_back(intent)
        observability.logger().warning("create made nothing", extra=_names(intent))
        return True

    def _give_back(self, intent: Intent) -> None:
        """Its claim; if the process dies before this, the claim ends with its time."""
        balance = self.claims.read(intent.pod_id)
        claim = balance.claims.get(intent.decision_id) if balance else None
        if claim is not None:
            self.claims.release(claim)


def _is_replaceable(known: Location | None, pod: Pod) -> bool:
    """Whether a create's own location may be written. One that ended was deleted by who found it first.

    What another pod has stays there, whatever this one lists.
    """
    return known is None or (known.ended_at is None and known.was_only_found and known.pod_id == pod.pod_id)


def _names(intent: Intent) -> dict[str, object]:
    return {"intent": intent.intent_id, "pod_id": intent.pod_id, "project_id": intent.project_id}
