"""Every pod: what must be the same in all pods, written to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.model.errors import InvalidField, PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest, answered, from_service
from chalicelib.model.resource import Resource
from chalicelib.model.shared_write import SharedWrite, UnfinishedWrite, call_id
from chalicelib.service.asking.answer import PodAnswer, document
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import Roster
from chalicelib.service.kinds.fates import (
    Fate,
    Outcome,
    answer_of,
    changes_nothing,
    failure,
    is_done,
    told_of_pods,
)
from chalicelib.service.ports import Clock, Ids, PodClient, UnfinishedStore


@dataclass(frozen=True, slots=True)
class EveryPod:
    """Writes to every pod in service; ``deadline_seconds`` is how long each may take.

    The oldest pod goes first: what it refuses or doesn't answer, no other is asked for. That the write has
    begun is noted before, and stays noted until it is done everywhere. So operators see what a failure or
    the death of this process left, and a repeat of the same call does the rest.
    """

    roster: Roster
    client: PodClient
    fan_out: FanOut
    unfinished: UnfinishedStore
    clock: Clock
    ids: Ids
    deadline_seconds: float

    def send(self, caller: Caller, resource: Resource, request: PodRequest) -> PodAnswer:
        """The oldest pod's answer, when every pod has done what is asked, or when none has and one refuses.

        A pod that is as asked already counts as one that did it. If all are, the client gets their refusal,
        unless its call repeats one that was left unfinished. Raises Conflict, OutcomeUnknown or Unavailable
        when a pod that refuses, doesn't answer or can't be reached is the only reason why it isn't done
        everywhere; each tells what happened in which zone. Raises Unavailable when there is no pod.
        """
        pods = self.roster.serving()
        if not pods:
            raise Unavailable("No pod is in service now.")
        left = {each.call_id: each for each in self.unfinished.list()}
        before = left.get(call_id(request.method, request.path, request.body))
        write = resource.write_of(request, before.made_id if before else "", self.ids)
        begun = self._begin(caller, write, request, before)
        try:
            outcomes = self._outcomes(caller, pods, write, request)
        except InvalidField:
            self._nothing_done(begun, before)
            raise
        if is_done(outcomes):
            self._done(write, begun, left.values())
            return self._answer(outcomes, write, before)
        if changes_nothing(outcomes):
            self._nothing_done(begun, before)
            refusal = answer_of(outcomes, Fate.REFUSED)
            if refusal is None:
                raise failure(outcomes)
            return refusal
        self.unfinished.put(replace(begun, fates=told_of_pods(outcomes)))
        raise failure(outcomes)

    def _begin(
        self, caller: Caller, write: SharedWrite, request: PodRequest, before: UnfinishedWrite | None
    ) -> UnfinishedWrite:
        """Note that the write begins; what is known of an unfinished one before it stays noted."""
        begun = UnfinishedWrite(
            call_id=call_id(request.method, request.path, request.body),
            title=write.title,
            call=f"{request.method} {request.path}",
            begun_at=self.clock(),
            request_id=caller.request_id,
            user_id=caller.identity.user_id,
            made_id=write.made_id,
            fates=before.fates if before else "",
        )
        self.unfinished.put(begun)
        return begun

    def _done(self, write: SharedWrite, begun: UnfinishedWrite, left: Iterable[UnfinishedWrite]) -> None:
        """Forget what is finished now; when the resource is gone, all that was left to do about it is."""
        settled = [each for each in left if write.ends and each.title == write.title]
        for each in {each.call_id: each for each in (begun, *settled)}:
            self.unfinished.forget(each)

    def _nothing_done(self, begun: UnfinishedWrite, before: UnfinishedWrite | None) -> None:
        if before is None:
            self.unfinished.forget(begun.call_id)
        else:
            self.unfinished.put(before)

    def _answer(
        self, outcomes: Sequence[Outcome], write: SharedWrite, before: UnfinishedWrite | None
    ) -> PodAnswer:
        done = answer_of(outcomes, Fate.DONE)
        if done is not None:
            return done
        oldest = outcomes[0]
        if before is not None and before.is_left(self.clock()):
            return PodAnswer(oldest.pod, oldest.shown or PodReply(write.success, {}, b""))
        assert oldest.reply is not None, "a pod that is as asked has refused"
        return PodAnswer(oldest.pod, oldest.reply)

    def _outcomes(
        self, caller: Caller, pods: Sequence[Pod], write: SharedWrite, request: PodRequest
    ) -> Sequence[Outcome]:
        """What became of it in each pod, the oldest first."""
        question = replace(request, body=write.body, read_timeout_seconds=self.deadline_seconds)
        oldest, *others = pods
        first = self._outcome(oldest, write, question)
        if not is_done([first]):
            return [first, *(Outcome(pod, Fate.UNASKED) for pod in others)]
        answers = self.fan_out.ask(
            others,
            lambda pod: self._outcome(pod, write, question),
            caller.deadline.at_most(self.deadline_seconds),
        )
        late = (Outcome(pod, Fate.UNKNOWN) for pod in answers.missing)
        return [first, *(outcome for _, outcome in answers.given), *late]

    def _outcome(self, pod: Pod, write: SharedWrite, question: PodRequest) -> Outcome:
        try:
            reply = answered(pod, from_service(pod, self.client.send(pod, question)))
        except PodUnreachable as silence:
            return Outcome(pod, Fate.UNKNOWN if silence.sent else Fate.UNREACHED)
        if reply.status < 400:
            return Outcome(pod, Fate.DONE, reply)
        if reply.status != write.done_status:
            return Outcome(pod, Fate.REFUSED, reply)
        if not write.look:
            return Outcome(pod, Fate.ALREADY, reply)
        look = replace(question, method="GET", path=write.look, body=None)
        return self._looked(pod, write, look, reply)

    def _looked(self, pod: Pod, write: SharedWrite, look: PodRequest, refusal: PodReply) -> Outcome:
        """Whether a pod that refuses shows that it is as asked."""
        try:
            shown = self.client.send(pod, look)
            has = write.has(document(pod, shown))
        except PodUnreachable:
            return Outcome(pod, Fate.REFUSED, refusal)
        already = shown if shown.status == 200 else None
        return Outcome(pod, Fate.ALREADY if has else Fate.REFUSED, refusal, already)
