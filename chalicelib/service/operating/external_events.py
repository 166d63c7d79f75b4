"""External events: what Neutron and Cinder tell of servers, split by the pods that hold these."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.resource import is_uuid
from chalicelib.service.asking.answer import PodAnswer, PodRefused, document
from chalicelib.service.kinds.all_pods import AllPods
from chalicelib.service.ports import LocationStore

Event = Mapping[str, Any]
NOT_FOUND, SILENT = 404, 503
TAKEN = (200, 207)  # how Nova answers events that it could read: all were taken, or not all


@dataclass(frozen=True, slots=True)
class ExternalEvents:
    """Sends each event to the pod of its server, and to every pod where no location tells that pod."""

    all_pods: AllPods
    locations: LocationStore

    def send(self, caller: Caller, request: PodRequest, events: Sequence[Event]) -> list[Event]:
        """The events with their outcomes, in the order they came.

        An event whose pod is silent has failed with 503, so that its sender may repeat it. Raises PodRefused
        for what a pod can't read, Unavailable when no pod answers.
        """
        pods = self.all_pods.pods()
        holders = self._holders(events)
        sent = {
            pod.pod_id: [
                n for n, event in enumerate(events) if holders.get(_server(event), pod.pod_id) == pod.pod_id
            ]
            for pod in pods
        }
        answers = self.all_pods.ask(
            caller,
            [pod for pod in pods if sent[pod.pod_id]],
            lambda pod: replace(
                request, body=json.dumps({"events": [events[n] for n in sent[pod.pod_id]]}).encode()
            ),
        )
        if not answers.given:
            raise Unavailable("What holds these servers doesn't answer now. Try again later.")
        denying = {n for pod, _ in answers.given for n in sent[pod.pod_id]}
        unsure = {n for pod in answers.missing for n in sent[pod.pod_id]}
        outcomes = [
            _failed(event, NOT_FOUND if n in denying - unsure else SILENT) for n, event in enumerate(events)
        ]
        for pod, reply in answers.given:
            for n, outcome in zip(sent[pod.pod_id], _outcomes(pod, reply), strict=True):
                if outcome["code"] != NOT_FOUND:
                    outcomes[n] = outcome
        return outcomes

    def _holders(self, events: Sequence[Event]) -> Mapping[str, str]:
        """The pods' ids by the servers' ids, as far as locations tell."""
        known = self.locations.found({server_id for event in events if (server_id := _server(event))})
        return {location.resource_id: location.pod_id for location in known}


def _server(event: Event) -> str:
    """The server's id; empty where it can't be one, so that a pod says what is wrong."""
    server_id = event.get("server_uuid")
    return server_id.lower() if isinstance(server_id, str) and is_uuid(server_id) else ""


def _failed(event: Event, code: int) -> Event:
    return {**event, "status": "failed", "code": code}


def _outcomes(pod: Pod, reply: PodReply) -> list[Event]:
    if reply.status not in TAKEN:
        raise PodRefused(PodAnswer(pod, reply))
    return list(document(pod, reply)["events"])
