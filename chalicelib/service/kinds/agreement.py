"""Agreement: what became of a write that several pods got."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.model.errors import Conflict, OutcomeUnknown
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.fan_out import Answers
from chalicelib.service.kinds.fates import Fate, Outcome, told_of_zones


def agreed(answers: Answers[PodReply]) -> PodAnswer:
    """The oldest pod's answer, when all accept a request or all refuse it.

    Raises OutcomeUnknown when a pod doesn't answer, Conflict when only some refuse it.
    """
    done = [pod for pod, reply in answers.given if reply.status < 400]
    refused = [pod for pod, reply in answers.given if reply.status >= 400]
    if answers.missing or (done and refused):
        message = fates(done, refused, answers.missing)
        raise OutcomeUnknown(message) if answers.missing else Conflict(message)
    return PodAnswer(*answers.given[0])


def fates(
    done: Iterable[Pod],
    refused: Iterable[Pod] = (),
    silent: Iterable[Pod] = (),
    unasked: Iterable[Pod] = (),
) -> str:
    """What happened in which zones."""
    told = ((Fate.DONE, done), (Fate.REFUSED, refused), (Fate.UNKNOWN, silent), (Fate.UNTRIED, unasked))
    return f"Not done everywhere: {told_of_zones(Outcome(pod, fate) for fate, pods in told for pod in pods)}."
