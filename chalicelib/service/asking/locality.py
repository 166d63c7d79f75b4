"""Locality: which pods hold what a request names, since a server can't use it from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.model.errors import PodUnreachable, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.model.pod import Pod
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.ports import Clock, ResourceLookup

MOST_KNOWN = 10_000
# A resource never moves to another pod; KEEP is there in case we are wrong. KEEP_UNSURE is for when more pods
# may turn out to hold it: a pod didn't answer, or the network is stretched.
KEEP = timedelta(hours=1)
KEEP_UNSURE = timedelta(seconds=60)
# Nearly every create names an image, and most images are everywhere: a silent Glance must not hold up all.
MOST_IMAGE_SECONDS = 2.0
ANYWHERE: frozenset[str] = frozenset()  # no pin
_ANYBODY = ""


class _Known(NamedTuple):
    """What was learned of a resource when there were so many pods."""

    pod_ids: frozenset[str]
    until: datetime
    pods: int


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
    _known: dict[tuple[str, NamedResource], _Known] = field(default_factory=dict)

    def pins(
        self, caller: Caller, named: Sequence[NamedResource], pods: Sequence[Pod]
    ) -> Mapping[str, frozenset[str]]:
        """The ids of the pods that hold each resource, which is named in words.

        Omits what no pod has: the chosen pod's own Nova will say so, as clients expect. Omits an image that
        all pods have. Raises Unavailable when nobody has it and a pod that may couldn't be asked: never a
        wrong pod.
        """
        held = {each: self._remembered(caller, each, pods) for each in named}
        unknown = [each for each, pod_ids in held.items() if pod_ids is None]
        if unknown:
            held.update(self._ask(caller, unknown, pods))
        return {str(each): pod_ids for each, pod_ids in held.items() if pod_ids}

    def _remembered(self, caller: Caller, each: NamedResource, pods: Sequence[Pod]) -> frozenset[str] | None:
        for whose in (_whose(caller), _ANYBODY):
            known = self._known.get((whose, each))
            if known and self.clock() < known.until and known.pods == len(pods):
                return known.pod_ids
        return None

    def _ask(
        self, caller: Caller, unknown: Sequence[NamedResource], pods: Sequence[Pod]
    ) -> Mapping[NamedResource, frozenset[str]]:
        # One with a Keystone of its own, and no credential of the project, holds nothing of the project's.
        proven = [
            pod for pod in pods if pod.az_name and pod.proven and pod.lets_in(caller.identity.project_id)
        ]
        speakers = {each: _speakers(each, proven) for each in unknown}
        asked = [pod for pod in proven if any(pod.pod_id in speak for speak in speakers.values())]
        images_only = all(each.noun is Noun.IMAGE for each in unknown)
        answers = self.fan_out.ask(
            asked,
            lambda pod: {
                each: self._holds(pod, each, caller)
                for each, speak in speakers.items()
                if pod.pod_id in speak
            },
            caller.deadline.at_most(MOST_IMAGE_SECONDS if images_only else self.deadline_seconds),
        )
        said = {pod.pod_id: verdicts for pod, verdicts in answers.given}
        found = {}
        for each, speak in speakers.items():
            verdicts = {pod_id: said.get(pod_id, {}).get(each) for pod_id in speak}
            found[each] = self._judge(caller, each, verdicts, speak, pods)
        return found

    def _judge(
        self,
        caller: Caller,
        each: NamedResource,
        verdicts: Mapping[str, bool | None],
        speak: Mapping[str, frozenset[str]],
        pods: Sequence[Pod],
    ) -> frozenset[str]:
        """The pods that hold it, by what those that were asked say; None is no answer."""
        holders = frozenset().union(*(speak[pod_id] for pod_id, holds in verdicts.items() if holds))
        unsure = None in verdicts.values()
        if each.noun is Noun.IMAGE and False not in verdicts.values() and (holders or not unsure):
            asked_all = all(pod.lets_in(caller.identity.project_id) for pod in pods)
            whose = _ANYBODY if asked_all else _whose(caller)
            self._learn(whose, each, _Known(ANYWHERE, self._until(unsure), len(pods)))
            return ANYWHERE
        if not holders and unsure:
            raise Unavailable(f"The {each} can't be looked up now: what may hold it doesn't answer.")
        if holders:
            until = self._until(unsure or each.resource_id in self.stretched)
            self._learn(_whose(caller), each, _Known(holders, until, len(pods)))
        return holders

    def _holds(self, pod: Pod, each: NamedResource, caller: Caller) -> bool | None:
        """None when the pod can't tell."""
        inside = each.inside(pod.pod_name)
        if inside is None:
            return False
        try:
            return self.lookup.holds(pod, inside, caller)
        except PodUnreachable:
            return None

    def _until(self, unsure: bool) -> datetime:
        return self.clock() + (KEEP_UNSURE if unsure else KEEP)

    def _learn(self, whose: str, each: NamedResource, known: _Known) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[(whose, each)] = known


def _whose(caller: Caller) -> str:
    """Who may be told what a caller has learned. An admin sees what is other projects', so admins alone."""
    project_id = caller.identity.project_id
    return f"admins of {project_id}" if caller.identity.is_admin else project_id


def glance_of(pod: Pod) -> str:
    """The address of the pod's Glance, by which pods that share one are known; empty where it isn't known."""
    return pod.endpoints.get("image", "").rstrip("/").removesuffix("/v2")


def _speakers(each: NamedResource, pods: Sequence[Pod]) -> dict[str, frozenset[str]]:
    """The pods to be asked for a resource, and for which pods each one's answer counts.

    Images lie in Glances, which several pods may share: one pod of each is asked, and nobody if there is but
    one. A pod whose Glance isn't known has any image, since its own Nova will say if it hasn't.
    """
    if each.noun is not Noun.IMAGE:
        return {pod.pod_id: frozenset({pod.pod_id}) for pod in pods}
    glances: dict[str, list[str]] = {}
    for pod in pods:
        glances.setdefault(glance_of(pod), []).append(pod.pod_id)
    unknown = glances.pop("", [])
    if len(glances) < 2:
        return {}
    return {sharing[0]: frozenset(sharing + unknown) for sharing in glances.values()}
