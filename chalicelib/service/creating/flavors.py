"""Flavors: what a flavor id means, before a pod is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.model.errors import InvalidField, Unavailable
from chalicelib.model.flavor import Flavor
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.fan_out import FanOut
from chalicelib.service.asking.roster import serves
from chalicelib.service.ports import FlavorLookup


class Flavors:
    """Resolves flavors from the pods' catalogues, or from the pods for one that is newer than those."""

    def __init__(self, lookup: FlavorLookup, fan_out: FanOut, deadline_seconds: float) -> None:
        """``deadline_seconds`` bounds the question to the pods."""
        self._lookup, self._fan_out, self._deadline_seconds = lookup, fan_out, deadline_seconds

    def resolve(
        self, caller: Caller, flavor_id: str, pods: Sequence[Pod], az_name: str = ""
    ) -> tuple[Flavor, Sequence[Pod]]:
        """The flavor, and the pods as they now look: a pod that just told us of it offers it.

        The oldest pod's size counts where pods disagree, of the zone asked for if one was. Raises
        InvalidField when no pod shows it to the caller, Unavailable when one that may couldn't be asked.
        """
        project_id = caller.identity.project_id
        kinds = pods.kinds if isinstance(pods, Snapshot) else pods
        serving = [pod for pod in kinds if serves(pod, project_id)]
        # Stable, so that age still counts; other zones' pods may tell what the zone's don't.
        serving.sort(key=lambda pod: bool(az_name) and pod.az_name != az_name)
        for pod in serving:
            flavor = (pod.catalogue or {}).get(flavor_id)
            if flavor is not None and flavor.offered_to(project_id):
                return flavor, pods
        return self._ask(caller, flavor_id, pods, [pod for pod in pods if serves(pod, project_id)])

    def _ask(
        self, caller: Caller, flavor_id: str, pods: Sequence[Pod], serving: Sequence[Pod]
    ) -> tuple[Flavor, Sequence[Pod]]:
        answers = self._fan_out.ask(
            serving,
            lambda pod: self._lookup.flavor(pod, flavor_id, caller.token, caller.request_id),
            caller.deadline.at_most(self._deadline_seconds),
        )
        found = {pod.pod_id: flavor for pod, flavor in answers.given if flavor is not None}
        if found:
            return next(iter(found.values())), _knowing(pods, found)
        if answers.missing:
            raise Unavailable(f"Flavor {flavor_id} can't be looked up now: a pod doesn't answer.")
        # Nova's own words and status for a flavorRef that isn't there.
        raise InvalidField("flavorRef", f"Flavor {flavor_id} could not be found.")


def _knowing(pods: Sequence[Pod], found: Mapping[str, Flavor]) -> Sequence[Pod]:
    """The pods, with the flavor in the catalogues of those that told of it."""
    telling = [_offering(pod, found[pod.pod_id]) for pod in pods if pod.pod_id in found]
    if isinstance(pods, Snapshot):
        return pods.with_pods(telling)
    newer = {pod.pod_id: pod for pod in telling}
    return [newer.get(pod.pod_id, pod) for pod in pods]


def _offering(pod: Pod, flavor: Flavor) -> Pod:
    return replace(pod, catalogue={**(pod.catalogue or {}), flavor.flavor_id: flavor})
