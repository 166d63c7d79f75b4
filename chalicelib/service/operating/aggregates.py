"""Aggregates: each is made in every pod of the zone that it names, and is one for operators."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chalicelib.model import pod_host
from chalicelib.model.aggregate import ZONE, Member, Row, by_key, merged, with_our_zone, zone_in
from chalicelib.model.errors import Conflict, NotFound, OutcomeUnknown, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_number import split
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.fan_out import Answers
from chalicelib.service.kinds.agreement import agreed, fates
from chalicelib.service.kinds.all_pods import AllPods, Wanted

COLLECTION = "/os-aggregates"
Written = Callable[[Pod], Mapping[str, Any] | None]
"""The body that a pod gets; None where the request has none."""


class Aggregate(NamedTuple):
    """Its members, and the pods that didn't say whether they have one."""

    members: Sequence[Member]
    silent: Sequence[Pod] = ()

    @property
    def partial(self) -> tuple[str, ...]:
        """The zones of the silent pods."""
        return _zones(self.silent)

    @property
    def row(self) -> Row:
        """What operators see of it."""
        return merged(self.members)


@dataclass(frozen=True, slots=True)
class Aggregates:
    """A write goes to all members; what isn't done in each is an error that names the zones.

    A member's name and zone tell which aggregate it belongs to, so nothing is kept here. A zone that no pod
    stands in is the pods' own: the aggregate is made in all of them.
    """

    all_pods: AllPods

    def list(self, caller: Caller, request: PodRequest) -> tuple[list[Row], tuple[str, ...]]:
        """All aggregates, and the zones of pods that left theirs out."""
        members, silent = self._members(caller, request)
        return [merged(each) for each in by_key(members).values()], _zones(silent)

    def find(self, caller: Caller, aggregate_id: int, request: PodRequest) -> Aggregate:
        """The aggregate of which some pod's member has this id. Raises NotFound, Unavailable."""
        missing = NotFound("Aggregate", str(aggregate_id))
        pod, _ = self.all_pods.by_number(aggregate_id, missing)
        members, silent = self._members(caller, request)
        for group in by_key(members).values():
            if any(member.row["id"] == aggregate_id for member in group):
                return Aggregate(group, silent)
        if pod.pod_id in _ids(silent):
            raise Unavailable("The pod that has this aggregate doesn't answer now.")
        raise missing

    def create(self, caller: Caller, request: PodRequest, order: Mapping[str, Any]) -> Row:
        """Make it in each pod of its zone; where it is already, a repeat leaves it.

        Raises PodRefused when all refuse, Conflict or OutcomeUnknown when it isn't in each afterwards.
        """
        zone = order.get(ZONE)
        pods = self._pods_of(zone)
        answers = self.all_pods.ask(
            caller,
            pods,
            lambda pod: _asked(
                request, "POST", COLLECTION, {"aggregate": {**order, ZONE: zone_in(pod, zone)}}
            ),
        )
        made = self._made(answers)
        if made and len(made) < len(pods):
            there, _ = self._members(caller, request)
            having = {member.pod.pod_id for member in by_key(there).get(made[0].key, ())}
            if having >= _ids(pods):
                return merged(made)
        _all_done(agreed(answers))
        if not made:
            raise OutcomeUnknown("No pod shows what it made; look at the aggregates first.")
        return merged(made)

    def write(
        self, caller: Caller, found: Aggregate, request: PodRequest, below: str, body: Written
    ) -> Aggregate:
        """Send a request to each member; ``below`` is its path below the aggregate's own.

        Raises PodRefused when all refuse, else Conflict or OutcomeUnknown, also when a pod was silent before.
        """
        own = {member.pod.pod_id: split(member.row["id"]).own_id for member in found.members}
        answers = self.all_pods.ask(
            caller,
            [member.pod for member in found.members],
            lambda pod: _asked(request, request.method, f"{COLLECTION}/{own[pod.pod_id]}{below}", body(pod)),
        )
        _all_done(agreed(answers))
        if found.silent:
            raise Conflict(fates(done=[pod for pod, _ in answers.given], unasked=found.silent))
        return Aggregate(self._made(answers) or found.members)

    def write_host(
        self, caller: Caller, found: Aggregate, request: PodRequest, verb: str, shown: str
    ) -> Aggregate:
        """Add a host to the member in its own pod, or remove it; a pod of the zone that has none gets one.

        Raises NotFound for a host that no pod has, Conflict for one of another zone, PodRefused.
        """
        pod, host = self.all_pods.by_host(caller, shown, request)
        members = {member.pod.pod_id: member for member in found.members}
        member = members.get(pod.pod_id) or self._made_in(pod, host, found, request)
        path = f"{COLLECTION}/{split(member.row['id']).own_id}/action"
        action = _asked(request, "POST", path, {verb: {"host": host}})
        answer = _all_done(self.all_pods.send(pod, action, "aggregate"))
        members[pod.pod_id] = self._member(answer)
        oldest_first = [members[each.pod_id] for each in self.all_pods.pods() if each.pod_id in members]
        return Aggregate(oldest_first, found.silent)

    def _made_in(self, pod: Pod, host: str, found: Aggregate, request: PodRequest) -> Member:
        row = found.row
        if pod.pod_id not in _ids(self._pods_of(row.get(ZONE))):
            raise Conflict(
                f"Host {pod_host.shown(pod.pod_name, host)} is in zone {pod.az_name}, and aggregate "
                f"{row['name']} in {row[ZONE]}."
            )
        order = {"name": row["name"], ZONE: zone_in(pod, row.get(ZONE))}
        create = _asked(request, "POST", COLLECTION, {"aggregate": order})
        made = self._member(_all_done(self.all_pods.send(pod, create, "aggregate")))
        metadata = {key: value for key, value in row["metadata"].items() if key != ZONE}
        if metadata:
            path = f"{COLLECTION}/{split(made.row['id']).own_id}/action"
            action = _asked(request, "POST", path, {"set_metadata": {"metadata": metadata}})
            _all_done(self.all_pods.send(pod, action, "aggregate"))
        return made

    def _pods_of(self, zone: str | None) -> Sequence[Pod]:
        pods = self.all_pods.pods()
        return [pod for pod in pods if pod.az_name == zone] or pods

    def refuse_elsewhere(self, found: Aggregate, zone: str | None) -> None:
        """Raise Conflict where an aggregate would get a zone that some of its pods don't stand in."""
        inside = _ids(self._pods_of(zone))
        outside = sorted({member.pod.az_name for member in found.members if member.pod.pod_id not in inside})
        if outside:
            raise Conflict(
                f"Aggregate {found.row['name']} is in pods of {', '.join(outside)}, so its zone can't become "
                f"{zone}. Make another one there."
            )

    def _members(self, caller: Caller, request: PodRequest) -> tuple[Sequence[Member], Sequence[Pod]]:
        gathered = self.all_pods.gather(
            caller, _asked(request, "GET", COLLECTION, None), Wanted("aggregates")
        )
        members = [
            Member(pod, with_our_zone(pod, row)) for pod, told in gathered.told for row in told["aggregates"]
        ]
        return members, gathered.silent

    def _made(self, answers: Answers[PodReply]) -> Sequence[Member]:
        """The members in the answers of those that accepted, if they show them."""
        return [
            self._member(PodAnswer(pod, reply))
            for pod, reply in answers.given
            if reply.status == 200 and reply.body.strip()
        ]

    def _member(self, answer: PodAnswer) -> Member:
        return Member(
            answer.pod,
            with_our_zone(answer.pod, self.all_pods.words(answer, Wanted("aggregate"))["aggregate"]),
        )


def _zones(pods: Sequence[Pod]) -> tuple[str, ...]:
    return tuple(sorted({pod.az_name for pod in pods}))


def _ids(pods: Sequence[Pod]) -> set[str]:
    """By these a pod is known: the rest of its record changes with each report, also during a request."""
    return {pod.pod_id for pod in pods}


def _asked(request: PodRequest, method: str, path: str, body: Mapping[str, Any] | None) -> PodRequest:
    raw = None if body is None else json.dumps(body).encode()
    return replace(request, method=method, path=path, body=raw)


def _all_done(answer: PodAnswer) -> PodAnswer:
    if answer.reply.status >= 400:
        raise PodRefused(answer)
    return answer
