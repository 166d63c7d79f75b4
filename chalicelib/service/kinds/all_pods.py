"""All pods: what operators ask of all Novas at once, and the pod that has one of their things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib.model import pod_host
from chalicelib.model.errors import InvalidField, NotFound, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.operator_rows import in_our_words
from chalicelib.model.operator_shapes import tells
from chalicelib.model.pod import Pod
from chalicelib.model.pod_number import split
from chalicelib.model.pod_request import PodReply, PodRequest, answered, from_service, no_answer
from chalicelib.service.asking.answer import PodAnswer, PodRefused, document, refused
from chalicelib.service.asking.fan_out import Answers, FanOut
from chalicelib.service.asking.owner import send_to_owner
from chalicelib.service.asking.pages import Chain
from chalicelib.service.asking.pod_numbers import PodNumbers
from chalicelib.service.asking.roster import Roster
from chalicelib.service.ports import PodClient

NOT_FOUND = 404


class Told(NamedTuple):
    """What a pod told, in our words."""

    pod: Pod
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the pods told, oldest first, and which of them didn't answer."""

    told: tuple[Told, ...]
    silent: tuple[Pod, ...] = ()

    @property
    def partial(self) -> tuple[str, ...]:
        """The zones of the silent pods."""
        return tuple(sorted({pod.az_name for pod in self.silent}))

    def rows(self, collection: str) -> list[Mapping[str, Any]]:
        """All pods' rows of a list."""
        return [row for _, told in self.told for row in told.get(collection, ())]


class Wanted(NamedTuple):
    """What pods must tell, by its name in their documents.

    ``marker`` is the field of its rows that a marker holds. ``whole``: all pages are read.
    """

    name: str
    marker: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class AllPods:
    """Asks every proven pod in parallel, with the operator's own token.

    ``read_seconds`` and ``write_seconds`` are how long each may take; one that doesn't answer is left out
    and named.
    """

    roster: Roster
    client: PodClient
    fan_out: FanOut
    numbers: PodNumbers
    read_seconds: float
    write_seconds: float

    def pods(self) -> list[Pod]:
        """Those that can be asked, oldest first. Raises Unavailable when there is none."""
        found = [pod for pod in self.roster.all() if pod.az_name and pod.proven]
        if not found:
            raise Unavailable("There is no pod that could answer.")
        return found

    def ask(
        self, caller: Caller, pods: Sequence[Pod], request_to: Callable[[Pod], PodRequest]
    ) -> Answers[PodReply]:
        """Each pod's answer to its own request that changes something, be it a refusal."""
        seconds = caller.deadline.at_most(self.write_seconds)
        return self.fan_out.ask(
            pods,
            lambda pod: answered(pod, from_service(pod, self.client.send(pod, request_to(pod)))),
            seconds,
        )

    def gather(
        self,
        caller: Caller,
        request: PodRequest,
        wanted: Wanted,
        pods: Sequence[Pod] | None = None,
    ) -> Gathered:
        """What all pods tell that have what is asked for; one that refuses what another tells is silent.

        Raises PodRefused with the answer of one when all refuse, be it that none has it; Unavailable when no
        pod has it and one is silent.
        """
        asked = self.pods() if pods is None else pods
        numbers = self.numbers.of(asked)

        def question(pod: Pod) -> Mapping[str, Any] | PodReply:
            reply = self._answer(pod, request)
            if reply.status != 200:
                return refused(pod, reply)
            told = _told(pod, reply, wanted)
            told = self._with_next_pages(pod, request, told, wanted) if wanted.whole else told
            return dict(in_our_words(told, pod, numbers[pod.pod_id]))

        answers = self.fan_out.ask(asked, question, caller.deadline.at_most(self.read_seconds))
        refusals = [PodAnswer(pod, said) for pod, said in answers.given if isinstance(said, PodReply)]
        told = tuple(Told(pod, said) for pod, said in answers.given if not isinstance(said, PodReply))
        others = [answer for answer in refusals if answer.reply.status != NOT_FOUND]
        if answers.missing and not (told or others):
            raise Unavailable("A pod that may have it doesn't answer now.")
        if refusals and not told:
            raise PodRefused((others or refusals)[0])
        return Gathered(told, (*answers.missing, *(answer.pod for answer in others)))

    def _with_next_pages(
        self, pod: Pod, request: PodRequest, first: Mapping[str, Any], wanted: Wanted
    ) -> Mapping[str, Any]:
        chain, rows, page = Chain(pod), list(first[wanted.name]), first
        chain.went_on(row[wanted.marker] for row in rows)
        while page.get(f"{wanted.name}_links") and page[wanted.name]:
            separator = "&" if "?" in request.path else "?"
            after = urlencode({"marker": rows[-1][wanted.marker]})
            question = replace(request, path=request.path + separator + after)
            page = _told(pod, self._answer(pod, question), wanted)
            chain.went_on(row[wanted.marker] for row in page[wanted.name])
            rows += page[wanted.name]
        return {wanted.name: rows}

    def _answer(self, pod: Pod, request: PodRequest) -> PodReply:
        question = replace(request, read_timeout_seconds=self.read_seconds)
        return answered(pod, self.client.send(pod, question))

    def send(self, pod: Pod, request: PodRequest, noun: str) -> PodAnswer:
        """The owner's reply to a client's request; raises what ``send_to_owner`` names."""
        return PodAnswer(pod, send_to_owner(self.client, pod, request, noun))

    def words(self, answer: PodAnswer, wanted: Wanted | None = None) -> Mapping[str, Any]:
        """A pod's document in our words. Raises PodUnreachable when it doesn't tell what is ``wanted``."""
        number = self.numbers.of([answer.pod])[answer.pod.pod_id]
        told = _told(answer.pod, answer.reply, wanted) if wanted else document(answer.pod, answer.reply)
        return dict(in_our_words(told, answer.pod, number))

    def by_number(self, numbered_id: int, missing: NotFound) -> tuple[Pod, int]:
        """The pod whose thing an id names, and what that pod calls it. Raises what is ``missing``."""
        own_id, number = split(numbered_id)
        pods = self.pods()
        numbers = self.numbers.of(pods)
        for pod in pods:
            if numbers[pod.pod_id] == number:
                return pod, own_id
        raise missing

    def by_host(self, caller: Caller, text: str, request: PodRequest) -> tuple[Pod, str]:
        """The pod of a compute host, and the hostname there.

        A hostname without a pod is looked for in all of them; what none has, the oldest pod may deny. Raises
        NotFound for an unknown pod, InvalidField for a host that several pods have, Unavailable when the pod
        that may have it is silent.
        """
        pods = self.pods()
        pod_name, host = pod_host.read(text)
        if pod_name is not None:
            for pod in pods:
                if pod.pod_name == pod_name:
                    return pod, host
            raise NotFound("Compute host", text)
        path = f"/os-services?{urlencode({'host': host, 'binary': 'nova-compute'})}"
        found = self.gather(caller, replace(request, method="GET", path=path, body=None), Wanted("services"))
        having = [told.pod for told in found.told if told.document.get("services")]
        if len(having) > 1:
            shown = ", ".join(pod_host.shown(pod.pod_name, host) for pod in having)
            raise InvalidField("host", f"Several pods have a host {host}. Name one of {shown}.")
        if not having and found.silent:
            raise Unavailable(f"Host {host} can't be looked up now: a pod doesn't answer.")
        return (having or pods)[0], host


def _told(pod: Pod, reply: PodReply, wanted: Wanted) -> Mapping[str, Any]:
    """A pod's document. Raises PodUnreachable when it doesn't tell of what was asked for."""
    told = document(pod, reply)
    if not tells(told, wanted.name, wanted.marker):
        raise no_answer(pod, reply)
    return told
