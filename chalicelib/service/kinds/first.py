"""First: what all pods have alike, asked of one pod after another until one has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod_request import PodReply, PodRequest, answered
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import PodClient


@dataclass(frozen=True, slots=True)
class First:
    """Asks the pods that are open to the project, oldest first; each may take ``deadline_seconds``."""

    roster: Roster
    client: PodClient
    deadline_seconds: float

    def that_has(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first answer that isn't a 404; a 404 only when every pod gave one.

        Raises Unavailable when no pod has it and one gave no answer, or when there is no pod.
        """
        return self._first(caller, request, lambda reply: reply.status != 404)

    def that_answers(self, caller: Caller, request: PodRequest) -> PodAnswer:
        """The first answer that any pod gives. Raises Unavailable when none does."""
        return self._first(caller, request, lambda _: True)

    def _first(self, caller: Caller, request: PodRequest, will_do: Callable[[PodReply], bool]) -> PodAnswer:
        question = replace(request, read_timeout_seconds=self.deadline_seconds)
        last: PodAnswer | None = None
        silent = False
        for pod in self.roster.open_to(caller.identity.project_id):
            try:
                last = PodAnswer(pod, answered(pod, self.client.send(pod, question)))
            except PodUnreachable:
                silent = True
                continue
            if will_do(last.reply):
                return last
        if last is None or silent:
            raise Unavailable("No pod that could answer does so now.")
        return last
