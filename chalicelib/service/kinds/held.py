"""Held: what lives in one pod each and has no location is looked for in the pods that the project uses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.kinds.first import first_that, has_it
from chalicelib.service.kinds.used_pods import UsedPods
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class Held:
    """Asks one pod after another, the project's home pod first; an admin's requests may reach all pods.

    ``deadline_seconds`` is how long a pod may take to answer a question.
    """

    used: UsedPods
    client: PodClient
    deadline_seconds: float

    def send(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The reply of the first pod that has it; a 404 only when every pod gave one.

        Raises OutcomeUnknown when a request that changes something may have arrived and no reply came,
        Unavailable when no pod has it and one gave no answer.
        """
        return self._first(self.used.of(caller, everywhere=caller.identity.is_admin), request)

    def create(self, caller: Caller, request: PodRequest, made_of: str = "") -> PodAnswer:
        """Make something in the project's home pod, or where that is which it is made of.

        ``made_of`` is that thing's path; where no pod has it, the home pod says so in its own words. A pod
        that refuses with 404 passes the request on. Raises as ``send`` does.
        """
        self.used.home_pods.entered(caller.identity.project_id)
        if made_of:
            there = self.send(caller, replace(request, method="GET", path=made_of, body=None))
            if there.reply.status == 200:
                return self._first([there.pod], request)
        return self.send(caller, request)

    def _first(self, pods: list[Pod], request: PodRequest) -> PodAnswer:
        return first_that(has_it, pods, self.client, request, self.deadline_seconds)
