"""External events: what Neutron and Cinder tell of servers, split by the pods that hold these."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.model.errors import PodUnreachable, Unavailable
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
        for what no pod that answers can read, Unavailable when no pod answers.
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
        refusals = [PodAnswer(pod, reply) for pod, reply in answers.given if reply.status not in TAKEN]
        if refusals and len(refusals) == len(answers.given):
            raise PodRefused(refusals[0])
        told = {pod.pod_id: _outcomes(pod, reply, len(sent[pod.pod_id])) for pod, reply in answers.given}
        denying = {n for pod_id, outcomes in told.items() if outcomes for n in sent[pod_id]}
        if not denying:
            raise Unavailable("What holds these servers doesn't answer now. Try again later.")
        unsure = {n for pod_id, numbers in sent.items() if not told.get(pod_id) for n in numbers}
        outcomes = [
            _failed(event, NOT_FOUND if n in denying - unsure else SILENT) for n, event in enumerate(events)
        ]
        for pod_id, there in told.items():
            for place, outcome in enumerate(there):
                if outcome["code"] != NOT_FOUND:
                    outcomes[sent[pod_id][place]] = outcome
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


def _outcomes(pod: Pod, reply: PodReply, count: int) -> list[Event]:
    """What became of each event; nothing where the pod doesn't tell that, which is as good as silence."""
    try:
        if reply.status not in TAKEN:
            return []
        told = document(pod, reply).get("events")
    except PodUnreachable:
        return []
    if not isinstance(told, list) or len(told) != count:
        return []
    return told if all(isinstance(each, dict) and type(each.get("code")) is int for each in told) else []
