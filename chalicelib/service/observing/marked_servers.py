"""Marked servers: what becomes of those that carry the marker of a create of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from chalicelib import observability
from chalicelib.model.claim import Share
from chalicelib.model.errors import Trio2oError
from chalicelib.model.intent import Intent, IntentState, Marker
from chalicelib.model.location import Location
from chalicelib.model.microversion import WITH_TAGS, speaks
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest, answered
from chalicelib.model.stray import Origin, origin_of, stray_of
from chalicelib.model.sweep import FoundServer
from chalicelib.service.ports import Clock, IntentStore, PodClient, StrayStore

NOT_FOUND = 404
SECONDS = 3.0  # for one call to a pod


@dataclass(frozen=True, slots=True)
class MarkedServers:
    """Tells by a server's marker whether it gets a location, and takes markers off.

    ``client`` asks with the pods' service credentials.
    """

    intents: IntentStore
    strays: StrayStore
    client: PodClient
    clock: Clock

    def location(self, pod: Pod, server: FoundServer) -> Location | None:
        """The location of a server that has none; None where it gets none, or none yet.

        A stray is noted. A server that our stores should know but don't, as after a restore from a backup,
        is adopted with an alarm.
        """
        found = location_of(server, pod)
        if server.marker is None:
            return found
        intent = self.intents.get(server.marker.slot)
        origin = origin_of(server, pod.pod_id, intent)
        if origin is Origin.ADOPTED:
            observability.count_lost_found()
            extra = {"pod": pod.pod_name, "server": server.server_id, "marker": str(server.marker)}
            observability.logger().error("server adopted whose create isn't known", extra=extra)
            return found if intent is None else of_create(found, intent)
        if origin is Origin.STRAY and intent is not None:
            self.strays.put(stray_of(server, pod.pod_id, intent, self.clock()))
        return None

    def unmark(self, pod: Pod, server: FoundServer) -> bool:
        """Take a located server's marker off, once nobody looks for it any more. Whether the pod was asked.

        A pod that refuses keeps it: it is hidden from clients, and a later look tries again.
        """
        if server.marker is None or not server.takes_labels:
            return False
        intent = self.intents.get(server.marker.slot)
        if intent is not None and intent.state is IntentState.POSTING:
            return False
        try:
            self._take_off(pod, server.server_id, server.marker)
        except Trio2oError as error:
            extra = {"pod": pod.pod_name, "server": server.server_id, "error": str(error)}
            observability.logger().warning("marker not taken off", extra=extra)
        return True

    def _take_off(self, pod: Pod, server_id: str, marker: Marker) -> None:
        key = quote(str(marker), safe="")
        if speaks(pod, WITH_TAGS):
            tag = PodRequest(
                "DELETE",
                f"/servers/{server_id}/tags/{key}",
                headers={"OpenStack-API-Version": f"compute {WITH_TAGS}"},
                read_timeout_seconds=SECONDS,
            )
            if answered(pod, self.client.send(pod, tag)).status != NOT_FOUND:
                return
        item = PodRequest("DELETE", f"/servers/{server_id}/metadata/{key}", read_timeout_seconds=SECONDS)
        answered(pod, self.client.send(pod, item))


def location_of(server: FoundServer, pod: Pod) -> Location:
    """Where a server is, as its pod lists it."""
    return Location(server.server_id, server.project_id, pod.pod_id, server.created_at, server.name)


def of_create(found: Location, intent: Intent) -> Location:
    """A server's location with what its create's intent knows of it, its share of the claim included."""
    known = replace(found, decision_id=intent.decision_id, request_id=intent.request_id)
    if found.resource_id not in intent.server_ids[: intent.count]:
        return known
    number = intent.server_ids.index(found.resource_id)
    return replace(known, share=Share(intent.pod_id, intent.decision_id, number))
