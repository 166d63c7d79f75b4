"""First: one pod after another is asked until one has what the request is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from chalicelib.model.errors import OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered, from_service
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class First:
    """Asks the pods whose offer the caller sees, oldest first; each may take ``deadline_seconds``."""

    roster: Roster
    client: PodClient
    deadline_seconds: float

    def that_has(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first answer that isn't a 404; raises what ``first_that`` does."""
        return first_that(has_it, self._pods(caller), self.client, request, self.deadline_seconds)

    def that_answers(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first answer that any pod gives. Raises Unavailable when none does."""
        return first_that(lambda _: True, self._pods(caller), self.client, request, self.deadline_seconds)

    def _pods(self, caller: Caller) -> list[Pod]:
        return self.roster.shown_to(caller.identity)


def has_it(reply: PodReply) -> bool:
    """Whether a pod's answer is about what was asked for."""
    return reply.status != 404


def first_that(
    will_do: Callable[[PodReply], bool],
    pods: Iterable[Pod],
    client: PodClient,
    request: PodRequest,
    deadline_seconds: float,
) -> PodAnswer:
    """The first answer that will do; one that won't only when every pod gave one.

    What changes something goes on to the next pod only after a 404, or where nothing was sent. Raises
    OutcomeUnknown when it may have arrived and no reply came; Unavailable when no answer will do and a pod
    gave none, or when there is no pod.
    """
    last: PodAnswer | None = None
    silent = False
    for pod in pods:
        try:
            last = PodAnswer(pod, _reply(pod, client, request, deadline_seconds))
        except PodUnreachable as silence:
            if silence.sent and request.changes_something:
                raise OutcomeUnknown("The outcome is unknown; look before trying again.") from silence
            silent = True
            continue
        if will_do(last.reply):
            return last
    if last is None or silent:
        raise Unavailable("No pod that could answer does so now.")
    return last


def _reply(pod: Pod, client: PodClient, request: PodRequest, deadline_seconds: float) -> PodReply:
    """An answer to a question. To what changes something, the service's reply whatever it says."""
    if request.changes_something:
        return from_service(pod, client.send(pod, request))
    return answered(pod, client.send(pod, replace(request, read_timeout_seconds=deadline_seconds)))
