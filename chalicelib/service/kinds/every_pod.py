"""Every pod: what must be the same in all pods, written to all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod_request import PodRequest, answered
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.agreement import agreed
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
