"""Usage reports: what servers took over a time, in all pods that have some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from chalicelib.model.errors import Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered, no_answer
from chalicelib.model.usage_report import Row, is_report, joined
from chalicelib.service.asking.answer import PodAnswer, PodRefused, document, refused
from chalicelib.service.asking.fan_out import Answers, FanOut
from chalicelib.service.asking.location import may_hold
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.located import Located
from chalicelib.service.ports import PodClient, ProjectStore

_LIST, _ONE = "tenant_usages", "tenant_usage"
Said = Sequence[Row] | PodReply
"""The projects of a pod's report, or its refusal of the query."""


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Projects with their servers; ``last`` is the last server where more may follow.

    ``partial`` are the zones of pods that didn't answer.
    """

    projects: list[dict[str, Any]]
    last: str
    partial: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsageReports:
    """Asks pod after pod for servers, as Nova asks its cells: a page goes on in the next pod."""

    roster: Roster
    projects: ProjectStore
    located: Located
    client: PodClient
    fan_out: FanOut
    deadline_seconds: float

    def page(
        self, caller: Caller, project_id: str, request: PodRequest, most: int | None, marker: str
    ) -> UsagePage:
        """The report of a project, or of all when none is named, over ``most`` servers after a marker.

        ``request`` is the client's own without the marker. Raises PodRefused with the answer of a pod that
        refuses the query where none accepts it, Unavailable when no pod answers.
        """
        pods = self._asked(caller, project_id)
        told: list[Sequence[Row]] = []
        missing: list[Pod] = []
        if marker:
            after = f"{'&' if '?' in request.path else '?'}{urlencode({'marker': marker})}"
            found = self._ask(caller, pods, replace(request, path=request.path + after))
            missing += found.missing
            place, rest = _after_marker(pods, found)
            told.append(rest)
            pods = pods[place + 1 :]
        answers = self._ask(caller, pods, request)
        told += [said for _, said in answers.given if not isinstance(said, PodReply)]
        refusals = [PodAnswer(pod, said) for pod, said in answers.given if isinstance(said, PodReply)]
        if refusals and not told:
            raise PodRefused(refusals[0])
        silent = [*answers.missing, *(answer.pod for answer in refusals)]
        missing += [pod for pod in silent if pod not in missing]
        if missing and not told:
            raise Unavailable("No pod that could answer does so now.")
        projects, last = joined(told, most)
        return UsagePage(projects, last, tuple(sorted({pod.az_name for pod in missing})))

    def _asked(self, caller: Caller, project_id: str) -> list[Pod]:
        """The pods that may have some of the servers, or one that judges the query all the same."""
        if not project_id or caller.identity.is_admin:
            # What a project had in a pod before we knew that pod is in an admin's list of all, and so here.
            return self.located.holders(caller, everywhere=True)
        placed = self.roster.of(self.projects.pod_ids(project_id))
        pods = [pod for pod in placed if may_hold(pod, self.located.locations)]
        return pods or self.roster.open_to(caller.identity.project_id)[:1]

    def _ask(self, caller: Caller, pods: Sequence[Pod], request: PodRequest) -> Answers[Said]:
        question = replace(request, read_timeout_seconds=self.deadline_seconds)
        return self.fan_out.ask(
            pods,
            lambda pod: _said(pod, answered(pod, self.client.send(pod, question))),
            caller.deadline.at_most(self.deadline_seconds),
        )


def _after_marker(pods: Sequence[Pod], found: Answers[Said]) -> tuple[int, Sequence[Row]]:
    """The place of the pod that knows the marker, and what it tells. Raises PodRefused when none does."""
    refusals = [PodAnswer(pod, said) for pod, said in found.given if isinstance(said, PodReply)]
    for pod, said in found.given:
        if not isinstance(said, PodReply):
            return pods.index(pod), said
    if found.missing or not refusals:
        raise Unavailable("The pod that may know the marker doesn't answer now.")
    raise PodRefused(refusals[0])


def _said(pod: Pod, reply: PodReply) -> Said:
    """What a pod says. Raises PodUnreachable for a report that is none."""
    if reply.status != 200:
        return refused(pod, reply)
    told = document(pod, reply)
    rows = told[_LIST] if _LIST in told else [told[_ONE]] if told.get(_ONE) else []
    if not is_report(rows):
        raise no_answer(pod, reply)
    return list(rows)
