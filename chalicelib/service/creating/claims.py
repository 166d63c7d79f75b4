"""Claiming: take room for a create in the pod that was chosen, and give back what it doesn't use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from chalicelib import observability
from chalicelib.model.amounts import Amounts
from chalicelib.model.claim import UNCOUNTED, Claim, Share, allowance
from chalicelib.model.errors import ClaimRefused, NotFound, PodClosed, PodFull
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.decision import Decision
from chalicelib.scheduler.engine import passes
from chalicelib.scheduler.profile import Profile
from chalicelib.service.ports import ClaimStore, Clock, PodStore

MOST_RECOUNTED = 8  # balances that are read before a request is refused for want of room


@dataclass(frozen=True, slots=True)
class Claiming:
    """Takes room in pods for creates, and gives it back.

    A decision is made on reports that are seconds old; a claim is checked against what is free now.
    """

    claims: ClaimStore
    pods: PodStore
    clock: Clock

    def take(self, pod: Pod, decision: Decision, profile: Profile) -> Claim:
        """Claim what a decision's request needs of a pod. Raises PodFull, PodClosed, StoreBusy.

        The decision's id is the claim's token, so a claim whose answer was lost isn't taken twice.
        """
        spec, made_at = decision.spec, int(self.clock().timestamp())
        claim = Claim(pod.pod_id, decision.decision_id, made_at, spec.need, spec.count)
        least = least_free(pod, spec, profile)
        try:
            return self._taken(claim, least)
        except ClaimRefused:
            raise
        except BaseException:
            self.release(claim)  # it may be taken all the same
            raise

    def _taken(self, claim: Claim, least: Amounts) -> Claim:
        try:
            return self.claims.claim(claim, least)
        except PodClosed as closed:
            if not closed.unknown:
                raise
            with suppress(NotFound):
                self.claims.open(self.pods.get(claim.pod_id))  # registered before pods had balances
            return self.claims.claim(claim, least)

    def release(self, claim: Claim) -> None:
        """Give a claim back when no server comes of it.

        When the store can't do that, it ends with a report, some minutes later.
        """
        with _best_effort(claim.pod_id):
            self.claims.release(claim)

    def release_share(self, share: Share) -> None:
        """Give back one server's part of its create's claim, since the server is gone."""
        with _best_effort(share.pod_id):
            self.claims.release_share(share)

    def corrected(self, refused: ClaimRefused, snapshot: Snapshot) -> Snapshot:
        """The snapshot corrected by a refusal: the pod fuller, as now recorded, or gone."""
        before = snapshot[snapshot.places[refused.pod_id]]
        after = self._fuller(before, refused) or self._read_again(before)
        if after is not None:
            return snapshot.with_pods([after])
        return snapshot_of((pod for pod in snapshot if pod.pod_id != refused.pod_id), snapshot.version)

    def recounted(self, snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Snapshot | None:
        """The snapshot with what is claimed now of pods that only claims keep this request out of.

        A snapshot is up to a minute old, and claims end sooner. None when it can't help.
        """
        kept_out = [pod for pod in snapshot if any(pod.claimed) and _held_by_claims(pod, spec, profile)]
        balances = ((pod, self.claims.read(pod.pod_id)) for pod in kept_out[:MOST_RECOUNTED])
        counted = [_counted(pod, balance.free) for pod, balance in balances if balance is not None]
        changed = [pod for pod in counted if pod is not None]
        return snapshot.with_pods(changed) if changed else None

    def _fuller(self, pod: Pod, refused: ClaimRefused) -> Pod | None:
        return _counted(pod, refused.free) if isinstance(refused, PodFull) else None

    def _read_again(self, pod: Pod) -> Pod | None:
        """The pod as the operator now wants it; None when it is gone."""
        try:
            fresh = self.pods.get(pod.pod_id)
        except NotFound:
            return None
        # A pod that told us of a flavor offers it, though its last report doesn't.
        return replace(fresh, catalogue=pod.catalogue if pod.catalogue is not None else fresh.catalogue)


def least_free(pod: Pod, spec: RequestSpec, profile: Profile) -> Amounts:
    """The least free room at which the claim keeps the pod within its watermark.

    A profile without a watermark lets pods fill beyond any limit.
    """
    watermark = profile.watermark(pod, spec)
    if watermark is None:
        return Amounts(*(-UNCOUNTED for _ in spec.need))
    limits = allowance(pod.limits)
    return spec.need + limits - allowance(pod.limits.up_to(watermark))


def _held_by_claims(pod: Pod, spec: RequestSpec, profile: Profile) -> bool:
    return not passes(pod, spec, profile) and passes(replace(pod, claimed=Amounts()), spec, profile)


def _counted(pod: Pod, free: Amounts) -> Pod | None:
    """The pod with ``claimed`` by what its balance has free. None if the two count different resources."""
    limits = allowance(pod.limits)
    if any(_counts(left) is not _counts(limit) for left, limit in zip(free, limits, strict=True)):
        return None
    return replace(pod, claimed=limits - free - pod.used)


@contextmanager
def _best_effort(pod_id: str) -> Iterator[None]:
    try:
        yield
    except Exception:  # whatever it is, it must not hide why the claim is given back
        observability.logger().warning("claim not released", extra={"pod_id": pod_id}, exc_info=True)


def _counts(amount: int) -> bool:
    """Whether a limit, or what is free under one, is that of a resource that is counted."""
    return amount < UNCOUNTED // 2
