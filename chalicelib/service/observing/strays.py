"""Strays: what creates left behind is told to operators, and deleted if they chose so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.intent import marker_in
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest, answered
from chalicelib.model.stray import Origin, Stray, origin_of
from chalicelib.model.sweep import FoundServer
from chalicelib.service.ports import IntentStore, LocationStore, PodClient, StrayStore

SECONDS = 4.0
MOST_DELETED = 5  # in a pod in one round
MOST_ASKED = 20
NOT_FOUND = 404
DELETED = (204, NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Strays:
    """Looks after the strays of a pod. They are deleted only with ``deletes``, and a few at a time."""

    store: StrayStore
    intents: IntentStore
    locations: LocationStore
    client: PodClient
    deletes: bool = False

    def look(self, pod: Pod, strays: Sequence[Stray]) -> int:
        """How many are left. Raises what asking the pod raises, and StoreBusy."""
        left = deleted = 0
        for n, stray in enumerate(strays):
            if n < MOST_ASKED and self._is_none(pod, stray):
                self.store.forget(stray.server_id)
                continue
            left += 1
            if n < MOST_ASKED and deleted < MOST_DELETED and self._may_go(stray):
                deleted += 1
                self._delete(pod, stray)
        return left

    def _is_none(self, pod: Pod, stray: Stray) -> bool:
        """Whether it is somebody's by now, or gone."""
        if self.locations.get(stray.server_id) is not None:
            return True
        show = PodRequest("GET", f"/servers/{stray.server_id}", read_timeout_seconds=SECONDS)
        return answered(pod, self.client.send(pod, show)).status == NOT_FOUND

    def _may_go(self, stray: Stray) -> bool:
        """Whether the intent, as it is now, still doesn't count it among its own, and it fits the intent."""
        marker = marker_in(stray.marker)
        if not self.deletes or not stray.fits or marker is None:
            return False
        server = FoundServer(stray.server_id, stray.project_id, stray.name, stray.created_at, marker=marker)
        intent = self.intents.get(marker.slot)
        return origin_of(server, stray.pod_id, intent) is Origin.STRAY

    def _delete(self, pod: Pod, stray: Stray) -> None:
        delete = PodRequest("DELETE", f"/servers/{stray.server_id}", read_timeout_seconds=SECONDS)
        status = answered(pod, self.client.send(pod, delete)).status
        told = "stray deleted" if status in DELETED else "stray not deleted"
        extra = {"pod": pod.pod_name, "server": stray.server_id, "marker": stray.marker, "status": status}
        observability.logger().error(told, extra=extra)
