"""First: one pod after another is asked until one has what the request is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from chalicelib import observability
from chalicelib.model.errors import NoAnswer, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered, from_service
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.roster import Roster
from chalicelib.service.asking.silences import Silences
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class First:
    """Asks the pods whose offer the caller sees, oldest first; each may take ``deadline_seconds``.

    Those that were silent lately come last: else every question would wait for them first.
    """

    roster: Roster
    client: Silences
    deadline_seconds: float

    def that_has(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first answer that shows what is asked for; a 404 only when every pod answers.

        Raises Unavailable when a pod that may have it gives no answer, or when there is no pod.
        """
        return self._ask(caller, request, needs_all=True)

    def that_answers(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first answer that shows what is asked for, else any refusal. Raises Unavailable without any."""
        return self._ask(caller, request, needs_all=False)

    def _ask(self, caller: Caller, request: PodRequest, needs_all: bool) -> PodAnswer:
        # A pod that refuses what another shows does so for itself alone, and so does one that refuses what
        # others say isn't there.
        question = replace(request, read_timeout_seconds=self.deadline_seconds)
        refusals: list[PodAnswer] = []
        silent = False
        for pod in self.client.last(self.roster.shown_to(caller.identity)):
            try:
                answer = PodAnswer(pod, _answer(pod, self.client.send(pod, question)))
            except PodUnreachable as silence:
                _note(pod, silence)
                silent = True
                continue
            if answer.reply.status < 400:
                return answer
            refusals.append(answer)
        denial = next((answer for answer in refusals if not has_it(answer.reply)), None)
        if not refusals or (denial and silent and needs_all):
            raise Unavailable("No pod that could answer does so now.")
        return denial or refusals[0]


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
            _note(pod, silence)
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
    return _answer(pod, client.send(pod, replace(request, read_timeout_seconds=deadline_seconds)))


def _answer(pod: Pod, reply: PodReply) -> PodReply:
    return answered(pod, from_service(pod, reply))


def _note(pod: Pod, silence: PodUnreachable) -> None:
    if isinstance(silence, NoAnswer):
        observability.no_answer(pod.pod_name, silence)
