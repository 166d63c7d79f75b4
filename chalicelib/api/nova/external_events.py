"""What services tell Nova: events of servers, and snapshots of volumes that Nova helps to make."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import first_pods, json_object, request_of, shown
from chalicelib.api.openstack.forwarding import reply_of
from chalicelib.model.errors import OutcomeUnknown
from chalicelib.service.asking.answer import PodAnswer

_UNKNOWN_VOLUME = b"No volume Block Device Mapping"


def take_events(call: Call) -> Reply:
    """Pass each event on to the pod of its server. 207 tells that not all were taken."""
    events = (json_object(call) or {}).get("events")
    if not isinstance(events, list) or not events or not all(isinstance(event, dict) for event in events):
        return first_pods(call)
    outcomes = wiring.services().external_events.send(call.caller, request_of(call), events)
    taken = all(outcome["code"] == 200 for outcome in outcomes)
    return shown({"events": outcomes}, status=200 if taken else 207)


def assist_snapshot(call: Call) -> Reply:
    """Make or delete a snapshot of a volume in the pod where the volume is attached.

    All pods are asked, since those that don't know the volume refuse and do nothing.
    """
    all_pods, request = wiring.services().all_pods, request_of(call)
    answers = all_pods.ask(call.caller, all_pods.pods(), lambda pod: request)
    accepted = [PodAnswer(pod, reply) for pod, reply in answers.given if reply.status < 400]
    if not accepted and answers.missing:
        raise OutcomeUnknown("The outcome is unknown; look at the volume snapshot first.")
    refused = sorted(
        (PodAnswer(pod, reply) for pod, reply in answers.given),
        key=lambda answer: _UNKNOWN_VOLUME in answer.reply.body,
    )
    return reply_of((accepted or refused)[0], call)
