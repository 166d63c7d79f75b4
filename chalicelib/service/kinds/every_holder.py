"""Every holder: what several pods may have under one id is changed in each pod that has it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import observability
from chalicelib.model.errors import Conflict, NoAnswer, OutcomeUnknown, PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest, answered, from_service
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.agreement import fates
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class EveryHolder:
    """Sends to the pods that are open to the project, one after another.

    Pods may share what is behind them, such as a Glance. Then the first has done it for all, and two at once
    would be in each other's way.
    """

    roster: Roster
    client: PodClient

    def send(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The oldest holder's reply, when all that have it accept or all refuse; 404 when none has it.

        A pod that says nothing counts as one that hasn't it, if another has. Raises Conflict when only some
        accept, saying which zones; OutcomeUnknown or Unavailable when nobody who answers has it.
        """
        replied: list[PodAnswer] = []
        silences: list[PodUnreachable] = []
        for pod in self.roster.open_to(caller.identity.project_id):
            try:
                reply = answered(pod, from_service(pod, self.client.send(pod, request)))
                replied.append(PodAnswer(pod, reply))
            except PodUnreachable as silence:
                if isinstance(silence, NoAnswer):
                    observability.no_answer(pod.pod_name, silence)
                silences.append(silence)
        holders = [answer for answer in replied if answer.reply.status != 404]
        done, refused = _pods(holders, accepting=True), _pods(holders, accepting=False)
        if done and refused:
            raise Conflict(fates(done, refused))
        if holders:
            return holders[0]
        if any(silence.sent for silence in silences):
            raise OutcomeUnknown("The outcome is unknown; look before trying again.") from silences[0]
        if silences or not replied:
            raise Unavailable("No pod that could answer does so now.")
        return replied[0]


def _pods(answers: list[PodAnswer], accepting: bool) -> list[Pod]:
    return [answer.pod for answer in answers if (answer.reply.status < 400) is accepting]
