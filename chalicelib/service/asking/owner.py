"""Owner: a client's request to the one pod that it concerns."""

from __future__ import annotations

from chalicelib import observability
from chalicelib.model.errors import NoAnswer, OutcomeUnknown, PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, from_service
from chalicelib.service.ports import PodClient


def send_to_owner(client: PodClient, pod: Pod, request: PodRequest, noun: str) -> PodReply:
    """What the pod's service replies, whatever it is.

    Raises PodUnreachable when it doesn't, OutcomeUnknown when a request that changes something may have
    arrived; ``noun`` says what to look at then.
    """
    try:
        return from_service(pod, client.send(pod, request))
    except PodUnreachable as error:
        if isinstance(error, NoAnswer):
            observability.no_answer(pod.pod_name, error)
        if error.sent and request.changes_something:
            # Not a 503: that would invite the client to attach or snapshot a second time.
            raise OutcomeUnknown(f"The outcome is unknown; look at the {noun} first.") from error
        raise
