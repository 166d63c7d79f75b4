"""Every pod: what must be the same in all pods, written to all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.model.errors import Conflict, OutcomeUnknown, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.fan_out import Answers, FanOut
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class EveryPod:
    """Sends to the pods that are open to the project; ``deadline_seconds`` is how long each may take."""

    roster: Roster
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def send(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The oldest pod's answer, when all accept the request or all refuse it.

        Raises OutcomeUnknown when a pod doesn't answer, Conflict when only some refuse it; both say what
        happened in which zone, since tenants know no pods. Raises Unavailable when there is no pod.
        """
        pods = self.roster.open_to(caller.identity.project_id)
        if not pods:
            raise Unavailable("No pod is open to the project now.")
        question = replace(request, read_timeout_seconds=self.deadline_seconds)
        answers = self.fan_out.ask(
            pods,
            lambda pod: answered(pod, self.client.send(pod, question)),
            caller.deadline.at_most(self.deadline_seconds),
        )
        return agreed(answers)


def agreed(answers: Answers[PodReply]) -> PodAnswer:
    """The oldest pod's answer, when all accept a request or all refuse it.

    Raises OutcomeUnknown when a pod doesn't answer, Conflict when only some refuse it.
    """
    done = [pod for pod, reply in answers.given if _accepts(reply)]
    refused = [pod for pod, reply in answers.given if not _accepts(reply)]
    if answers.missing or (done and refused):
        message = fates(done, refused, answers.missing)
        raise OutcomeUnknown(message) if answers.missing else Conflict(message)
    return PodAnswer(*answers.given[0])


def _accepts(reply: PodReply) -> bool:
    return reply.status < 400


def fates(
    done: Iterable[Pod],
    refused: Iterable[Pod] = (),
    silent: Iterable[Pod] = (),
    unasked: Iterable[Pod] = (),
) -> str:
    """What happened in which zones; a zone whose pods fared differently is named more than once."""
    told = (
        ("done in", done),
        ("refused in", refused),
        ("perhaps done, since no answer came, in", silent),
        ("not asked, since no answer came before, in", unasked),
    )
    parts = [
        f"{fate} {', '.join(zones)}" for fate, pods in told if (zones := sorted({p.az_name for p in pods}))
    ]
    return f"Not done everywhere: {'; '.join(parts)}."
