"""Locality: which pods hold what a create names, since a server can't use it from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.named_resource import NamedResource
from chalicelib.model.pod import Pod
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.ports import Clock, ResourceLookup

MOST_KNOWN = 10_000
# A resource never moves to another pod; KEEP is there in case we are wrong. KEEP_UNSURE is for when more pods
# may turn out to hold it: a pod didn't answer, or the network is stretched.
KEEP = timedelta(hours=1)
KEEP_UNSURE = timedelta(seconds=60)


@dataclass(slots=True)
class Locality:
    """Asks all proven pods at once with the caller's own token, and keeps in this process what it learned.

    ``stretched`` are the ids of networks that the operator has stretched over several pods.
    """

    lookup: ResourceLookup
    fan_out: FanOut
    clock: Clock
    deadline_seconds: float
    stretched: frozenset[str] = frozenset()
    _known: dict[tuple[str, NamedResource], tuple[frozenset[str], datetime]] = field(default_factory=dict)

    def pins(
        self, caller: Caller, named: Sequence[NamedResource], pods: Sequence[Pod]
    ) -> Mapping[str, frozenset[str]]:
        """The ids of the pods that hold each resource, which is named in words.

        Omits what no pod has: the chosen pod's own Nova will say so, as clients expect. Raises Unavailable
        when nobody has it and a pod that may couldn't be asked: never a wrong pod.
        """
        now, project_id = self.clock(), caller.identity.project_id
        held = {each: self._remembered(project_id, each, now) for each in named}
        unknown = [each for each, pod_ids in held.items() if pod_ids is None]
        if unknown:
            held.update(self._ask(caller, unknown, pods, now))
        return {str(each): pod_ids for each, pod_ids in held.items() if pod_ids}

    def _remembered(self, project_id: str, each: NamedResource, now: datetime) -> frozenset[str] | None:
        pod_ids, until = self._known.get((project_id, each), (None, now))
        return pod_ids if now < until else None

    def _ask(
        self, caller: Caller, unknown: Sequence[NamedResource], pods: Sequence[Pod], now: datetime
    ) -> Mapping[NamedResource, frozenset[str]]:
        asked = [pod for pod in pods if pod.az_name and pod.proven]
        answers = self.fan_out.ask(
            asked,
            lambda pod: {each: self._holds(pod, each, caller) for each in unknown},
            caller.deadline.at_most(self.deadline_seconds),
        )
        found = {}
        for each in unknown:
            said = [(pod.pod_id, verdicts[each]) for pod, verdicts in answers.given]
            holders = frozenset(pod_id for pod_id, holds in said if holds)
            unsure = bool(answers.missing) or any(holds is None for _, holds in said)
            if not holders and unsure:
                raise Unavailable(f"The {each} can't be looked up now: what may hold it doesn't answer.")
            if holders:
                self._learn(caller, each, holders, now, unsure)
            found[each] = holders
        return found

    def _holds(self, pod: Pod, each: NamedResource, caller: Caller) -> bool | None:
        """None when the pod can't tell."""
        try:
            return self.lookup.holds(pod, each, caller.token, caller.request_id)
        except PodUnreachable:
            return None

    def _learn(
        self, caller: Caller, each: NamedResource, holders: frozenset[str], now: datetime, unsure: bool
    ) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        short = unsure or each.resource_id in self.stretched
        until = now + (KEEP_UNSURE if short else KEEP)
        self._known[(caller.identity.project_id, each)] = (holders, until)
