"""Watched client: a pod client whose failed calls are counted, so that a dead pod's circuit opens."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class WatchedClient:
    """Sends as the client does, and counts compute calls that fail; a pod may do without other services."""

    client: PodClient
    troubles: Troubles

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """The pod's reply. Raises what the client raises."""
        try:
            reply = self.client.send(pod, request)
        except PodUnreachable:
            self._failed(pod, request)
            raise
        # Nova's own refusals say nothing about the pod as a whole.
        if reply.is_of_a_dead_service:
            self._failed(pod, request)
        return reply

    def _failed(self, pod: Pod, request: PodRequest) -> None:
        if request.service == "compute":
            self.troubles.call_failed(pod.pod_id)
