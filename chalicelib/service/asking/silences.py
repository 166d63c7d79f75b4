"""Silences: which pods gave this process no answer lately, so that others are asked before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.ports import Clock, PodClient


class Silences:
    """Sends as the client does, for questions that one pod can answer as well as another."""

    def __init__(self, client: PodClient, clock: Clock, keep_seconds: float = 30.0) -> None:
        """A pod that was silent is asked last for ``keep_seconds``."""
        self._client, self._clock = client, clock
        self._keep = timedelta(seconds=keep_seconds)
        self._silent_at: dict[str, datetime] = {}

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """The pod's reply. Raises what the client raises."""
        try:
            reply = self._client.send(pod, request)
        except PodUnreachable:
            self._silent_at[pod.pod_id] = self._clock()
            raise
        if reply.is_answer:
            self._silent_at.pop(pod.pod_id, None)
        else:
            self._silent_at[pod.pod_id] = self._clock()
        return reply

    def last(self, pods: Iterable[Pod]) -> list[Pod]:
        """The pods in their order, but those that were silent lately after all others."""
        since = self._clock() - self._keep
        silent = {pod_id for pod_id, at in self._silent_at.items() if at > since}
        return sorted(pods, key=lambda pod: pod.pod_id in silent)
