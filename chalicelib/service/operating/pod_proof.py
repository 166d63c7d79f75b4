"""Pod proof: what a pod shows of itself when it is registered, enabled, or its address changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib.model.errors import Conflict, NoCredential, PodUnreachable, Unproven
from chalicelib.model.identity import Caller
from chalicelib.model.microversion import spoken_by, spoken_by_all
from chalicelib.model.pod import Pod, PodState
from chalicelib.model.pod_request import PodRequest, no_answer
from chalicelib.service.asking.answer import document
from chalicelib.service.ports import EndpointPolicy, PodClient, PodDirectory

ANSWER_SECONDS = 10.0


class CheckedPod(NamedTuple):
    """A pod with its endpoints and microversions filled in, and what didn't work."""

    pod: Pod
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PodProof:
    """Lets a pod prove that its record is right: its credential, its region, and its Nova."""

    directory: PodDirectory
    policy: EndpointPolicy
    client: PodClient

    def of(self, pod: Pod, caller: Caller, force: bool, way_out: str) -> CheckedPod:
        """The pod, proven, with all filled in that the operator left out; what he gave wins.

        A pod that isn't proven is disabled with ``force``, and the warnings say why; else it raises Unproven,
        which tells what wasn't proven and the ``way_out``, if there is one.
        Raises InvalidField for an endpoint that the policy refuses, KeystoneUnavailable.
        """
        self.policy.check(pod.endpoints)
        pod = replace(pod, proven=False)
        try:
            pod = self._addressed(pod, caller)
            if pod.az_name:  # the top region is no pod but we ourselves, and takes nothing: it proves nothing
                pod = self._versioned(pod)
                if not pod.is_hybrid:  # its own Nova can't know the caller's token, and must never see it
                    self._answers(pod, caller)
        except Unproven as refused:
            if not force:
                message = f"{refused}; {way_out}" if way_out else str(refused)
                raise Unproven(message, refused.field) from refused
            warning = f"{refused}; it is disabled, and takes nothing until it has proven itself"
            return CheckedPod(replace(pod, state=PodState.DISABLED), (warning,))
        lacks = () if pod.credential_ref else ("no service credential, so no capacity reports",)
        if pod.is_hybrid:
            return CheckedPod(
                pod, (*lacks, "it takes nothing until a refresh has read it with its credential")
            )
        return CheckedPod(replace(pod, proven=bool(pod.az_name)), lacks)

    def _addressed(self, pod: Pod, caller: Caller) -> Pod:
        """The pod with its region's endpoints. Without a credential, the caller's token shows them."""
        try:
            if pod.credential_ref:
                found = self.directory.endpoints(pod.region, pod.credential_ref, pod.auth_url)
            elif pod.is_hybrid:
                raise Unproven("with a Keystone of its own, it needs a credential", "credential_ref")
            else:
                found = self.directory.endpoints_by_token(pod.region, caller.token)
        except NoCredential as error:
            raise Unproven(f"its service credential doesn't work: {error}", "credential_ref") from error
        addressed = replace(pod, endpoints={**found, **pod.endpoints})
        self.policy.check(addressed.endpoints)
        return addressed

    def _versioned(self, pod: Pod) -> Pod:
        """The pod with its microversions."""
        if "compute" not in pod.endpoints:
            raise Unproven(
                f"the region {pod.pod_name} has no compute endpoint in Keystone's service catalogue",
                "endpoints.compute",
            )
        try:
            lowest, highest = self.directory.microversions(pod)
        except PodUnreachable as error:
            raise Unproven(f"its microversions are unknown: {error}", "endpoints.compute") from error
        return replace(pod, min_microversion=lowest, max_microversion=highest)

    def _answers(self, pod: Pod, caller: Caller) -> None:
        """Raise Unproven unless the pod's Nova takes the caller's token.

        It is the caller's, not the credential's, since the credential is read by other functions, and these
        take no address from anybody (docs/adr/0003). A Nova that knows the one knows the other.
        """
        question = PodRequest(
            "GET",
            "/flavors?limit=1",
            token=caller.token,
            identity=caller.identity,
            request_id=caller.request_id,
            read_timeout_seconds=ANSWER_SECONDS,
            deadline=caller.deadline,
        )
        try:
            reply = self.client.send(pod, question)
            if reply.status != 200 or not isinstance(document(pod, reply).get("flavors"), list):
                raise no_answer(pod, reply)
        except PodUnreachable as error:
            raise Unproven(
                f"its compute endpoint doesn't answer your own token as Nova does: {error}",
                "endpoints.compute",
            ) from error


def refuse_narrowing(pod: Pod, others: Iterable[Pod]) -> None:
    """Raise Conflict when a pod would narrow the microversion range that all others speak.

    Clients negotiated within that range; an operator who accepts the loss says ``force``.
    """
    mine = spoken_by(pod) if pod.proven or pod.is_hybrid else None
    theirs = spoken_by_all(other for other in others if other.pod_id != pod.pod_id)
    if mine is None or theirs is None or mine.covers(theirs):
        return
    raise Conflict(
        f"{pod.pod_name} speaks {mine}, all other pods {theirs}: clients would lose versions; "
        "say force to accept that",
        field="force",
    )
