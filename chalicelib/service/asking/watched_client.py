"""Watched client: a pod client that counts the failures by which a pod's circuit opens."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.errors import NoWayIn, PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.ports import PodClient

# A call that begins with less time than this may fail for want of time, whatever the pod does.
LEAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class WatchedClient:
    """Sends as the client does, and counts what says that creates fail in the pod.

    That is a call, whatever it asks for, to which no connection comes about, and a create to which the pod's
    Nova doesn't reply. Other calls that are slow or break off don't count: one tenant's long lists would
    close the pod to everybody. Nor does what is wrong with one project's
    credential, nor do a proxy's 4xx, since a tenant can provoke them.
    """

    client: PodClient
    troubles: Troubles

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """The pod's reply. Raises what the client raises."""
        had_time = request.timeout_seconds() >= LEAST_SECONDS
        try:
            reply = self.client.send(pod, request)
        except NoWayIn:
            raise  # one project's credential says nothing about the pod
        except PodUnreachable as silence:
            if had_time and (not silence.sent or _creates(request)):
                self._failed(pod, request)
            raise
        quiet = reply.is_the_services or reply.came_before_the_service
        if _creates(request) and not (quiet or 400 <= reply.status < 500):
            self._failed(pod, request)
        return reply

    def _failed(self, pod: Pod, request: PodRequest) -> None:
        # A pod may do without other services.
        if request.service == SERVERS.service:
            self.troubles.call_failed(pod.pod_id)


def _creates(request: PodRequest) -> bool:
    """Whether it creates a server."""
    return request.method == "POST" and request.path.partition("?")[0] == f"/{SERVERS.collection}"
