"""Pod proof: what a pod shows of itself when it is registered or its address changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib.model.errors import Conflict, NoCredential, PodUnreachable
from chalicelib.model.microversion import spoken_by, spoken_by_all
from chalicelib.model.pod import Pod
from chalicelib.service.ports import EndpointPolicy, PodDirectory


class CheckedPod(NamedTuple):
    """A pod with its endpoints and microversions filled in, and what didn't work."""

    pod: Pod
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PodProof:
    """Asks Keystone for a pod's endpoints, which proves its credential, and the pod for its versions."""

    directory: PodDirectory
    policy: EndpointPolicy

    def of(self, pod: Pod) -> CheckedPod:
        """Fill in what the operator left out; what he gave wins over the service catalogue.

        Raises InvalidField for an endpoint that the policy refuses, KeystoneUnavailable.
        """
        self.policy.check(pod.endpoints)
        pod, warnings = self._addressed(pod)
        if "compute" not in pod.endpoints:
            return CheckedPod(
                pod, (*warnings, f"{pod.pod_name} has no compute endpoint: no server can go there")
            )
        try:
            lowest, highest = self.directory.microversions(pod)
        except (PodUnreachable, NoCredential) as error:
            return CheckedPod(pod, (*warnings, f"its microversions are unknown: {error}"))
        return CheckedPod(replace(pod, min_microversion=lowest, max_microversion=highest), warnings)

    def _addressed(self, pod: Pod) -> CheckedPod:
        try:
            found = self.directory.endpoints(pod.pod_name, pod.credential_ref)
        except NoCredential as error:
            return CheckedPod(pod, (f"no working service credential, so no capacity reports: {error}",))
        addressed = replace(pod, endpoints={**found, **pod.endpoints})
        self.policy.check(addressed.endpoints)
        return CheckedPod(addressed, ())


def refuse_narrowing(pod: Pod, others: Iterable[Pod]) -> None:
    """Raise Conflict when a pod would narrow the microversion range that all others speak.

    Clients negotiated within that range; an operator who accepts the loss says ``force``.
    """
    mine = spoken_by(pod)
    theirs = spoken_by_all(other for other in others if other.pod_id != pod.pod_id)
    if mine is None or theirs is None or mine.covers(theirs):
        return
    raise Conflict(
        f"{pod.pod_name} speaks {mine}, all other pods {theirs}: clients would lose versions; "
        "say force to accept that",
        field="force",
    )
