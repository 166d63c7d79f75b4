"""Answer: what a pod's reply says about the question, and when it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.model.errors import Trio2oError
from chalicelib.model.json_values import read_json
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, answered, from_service, no_answer
from chalicelib.model.resource import Resource, ResourceRow


@dataclass(frozen=True, slots=True)
class PodAnswer:
    """A pod's reply, and the pod, whose links and zone are rewritten in it."""

    pod: Pod
    reply: PodReply


class PodRefused(Trio2oError):
    """A pod refused what all were asked (a bad filter, say); the client gets that pod's own answer."""

    def __init__(self, answer: PodAnswer) -> None:
        """``answer`` is what the client gets."""
        super().__init__(f"the pod answered {answer.reply.status}")
        self.answer = answer


def accepted(pod: Pod, reply: PodReply) -> PodReply:
    """The reply of a pod that shows what it must have: a list, or what we know to be there.

    Raises PodRefused when it refuses. Raises PodUnreachable when it says nothing, for a 404, which can't be
    true, and for any other success.
    """
    if answered(pod, reply).status == 404 or 200 < reply.status < 400:
        raise no_answer(pod, reply)
    if reply.status != 200:
        raise PodRefused(PodAnswer(pod, reply))
    return reply


def shown(pod: Pod, reply: PodReply, resource: Resource) -> ResourceRow:
    """The one resource that an answer shows. Raises PodUnreachable when it shows none."""
    row = document(pod, reply).get(resource.member)
    if not isinstance(row, dict):
        raise no_answer(pod, reply)
    return row


def refused(pod: Pod, reply: PodReply) -> PodReply:
    """The service's own refusal. Raises PodUnreachable where it is none, such as an odd success."""
    if reply.status < 400:
        raise no_answer(pod, reply)
    return from_service(pod, reply)


def document(pod: Pod, reply: PodReply) -> Mapping[str, Any]:
    """The JSON object that an answer is. Raises PodUnreachable when there is none that we can pass on."""
    try:
        body: Mapping[str, Any] = read_json(answered(pod, reply).body)
    except ValueError as error:
        raise no_answer(pod, reply) from error
    return body
