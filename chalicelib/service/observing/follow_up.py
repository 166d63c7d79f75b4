"""Follow-up: what became of new servers; a create's 202 says nothing of whether a host was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib import observability
from chalicelib.model.claim import Share
from chalicelib.model.errors import Trio2oError
from chalicelib.model.location import Location
from chalicelib.model.pod import Pod
from chalicelib.model.sighting import Sighting, Stage
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.ports import ClaimStore, Clock, LocationStore, ServerReader


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a pod's new servers: how far each one with a claimed share has come."""

    stages: Mapping[Share, Stage] = field(default_factory=dict)
    failed_builds: int = 0

    def ended(self, source: str) -> list[Share]:
        """The shares that end with a report which is observed from now on; ``source`` is the report's."""
        return [share for share, stage in self.stages.items() if stage.is_settled_for(source)]

    def freed(self) -> list[Share]:
        """The shares whose servers take no room, so that it can be given back without a report."""
        return self._at(Stage.FREED)

    def waiting(self) -> list[Share]:
        """The shares whose servers no report counts yet, however old their claims are."""
        return self._at(Stage.WAITING)

    def _at(self, wanted: Stage) -> list[Share]:
        return [share for share, stage in self.stages.items() if stage is wanted]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Looks at the servers that changed in a pod in the last ``window_seconds``, before the pod is observed.

    Only pods with claims or new servers are asked, each once a round. A server that found no host
    counts as a failed build of its pod, once: only who is the first to mark its location does so.
    """

    locations: LocationStore
    claims: ClaimStore
    servers: ServerReader
    troubles: Troubles
    clock: Clock
    window_seconds: float = 600.0

    def look(self, pod: Pod) -> Followed:
        """What became of the pod's new servers; nothing if that can't be learned. Raises nothing."""
        try:
            return self._followed(pod)
        except Exception as error:
            unforeseen = error if not isinstance(error, Trio2oError) else None
            extra = {"pod": pod.pod_name, "error": type(error).__name__}
            observability.logger().warning("new servers not followed up", extra=extra, exc_info=unforeseen)
            return Followed()

    def _followed(self, pod: Pod) -> Followed:
        since = self.clock() - timedelta(seconds=self.window_seconds)
        balance = self.claims.read(pod.pod_id)
        claimed = balance.claims if balance else {}
        if not claimed and not self.locations.created_since(pod.pod_id, since, limit=1):
            return Followed()
        seen = self.servers.changed_since(pod, since)
        known = self._located(pod, seen, bool(claimed))
        shares = ((known[x.server_id].share, x.stage) for x in seen if x.server_id in known)
        stages = {share: stage for share, stage in shares if share is not None and share.token in claimed}
        return Followed(stages, self._count(known[x.server_id] for x in seen if _failed(x, known)))

    def _located(self, pod: Pod, seen: Sequence[Sighting], any_claim: bool) -> dict[str, Location]:
        """Our locations of the listed servers, by server id. Without a claim only failed builds matter."""
        asked = [x.server_id for x in seen if x.found_no_host or any_claim]
        found = self.locations.found(asked)
        return {location.resource_id: location for location in found if location.pod_id == pod.pod_id}

    def _count(self, failed: Iterable[Location]) -> int:
        """Count failed builds against the pod and return how many are new."""
        new = [x for x in failed if self.locations.build_failed(x.resource_id, self.clock())]
        for location in new:
            self.troubles.build_failed(location.pod_id)
        return len(new)


def _failed(seen: Sighting, known: Mapping[str, Location]) -> bool:
    location = known.get(seen.server_id)
    return seen.found_no_host and location is not None and location.build_failed_at is None
