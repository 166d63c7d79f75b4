"""Choosing: decide which pod a create goes to, and take room there before anybody else does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter

from chalicelib import observability
from chalicelib.model.binding import Binding
from chalicelib.model.claim import Claim
from chalicelib.model.errors import ClaimRefused, NoPod, StoreBusy
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.decision import Action, Decision
from chalicelib.scheduler.engine import decide, passes
from chalicelib.scheduler.profile import Profile
from chalicelib.service.creating.claims import Claiming
from chalicelib.service.creating.no_pod import no_pod
from chalicelib.service.creating.quota_claims import TakeQuota, unlimited
from chalicelib.service.ports import DecisionStore, Ids

MOST_CLAIMS = 3  # that one choice tries, each after a decision of its own
NO_ROOM = 409


@dataclass(frozen=True, slots=True)
class Chosen:
    """The pod a create goes to, why, and the room that was taken there.

    ``binding`` is the one that was used, at the generation that names the pod; None for a divert,
    which leaves bindings alone. Call ``release`` when the pod refused or nothing was sent: it gives
    the room and the quota back, or does nothing when it is too late for that.
    """

    pod: Pod
    decision: Decision
    claim: Claim
    release: Callable[[], None] = field(compare=False, repr=False)
    binding: Binding | None = None

    @property
    def action(self) -> Action:
        """What becomes of the project's binding."""
        return self.decision.action


@dataclass(slots=True)
class Grounds:
    """What one create is decided on.

    ``snapshot`` is replaced when a pod refuses a claim and says why, and once when what is claimed was
    ``recounted`` before the create is refused. ``take_quota`` takes what the create needs of its quota.
    """

    snapshot: Snapshot
    profile: Profile
    take_quota: TakeQuota = unlimited
    recounted: bool = False


@dataclass(frozen=True, slots=True)
class Choosing:
    """Decides and claims; ``timer`` (in seconds) measures the decisions."""

    claiming: Claiming
    decisions: DecisionStore
    ids: Ids
    timer: Callable[[], float] = perf_counter

    def choose(self, spec: RequestSpec, grounds: Grounds) -> Chosen:
        """The best pod that has room, by the balance that all processes share.

        A pod that turns out to be full or fenced is passed over for the next best, ``MOST_CLAIMS`` at
        most. Raises NoPod, whose decision is kept, OverQuota and StoreBusy; nothing stays claimed then.
        """
        for _ in range(MOST_CLAIMS):
            decision = self._selected(spec, grounds)
            try:
                return self._claimed(decision, grounds)
            except ClaimRefused as refused:
                refused_by = refused.pod_id
        snapshot = grounds.snapshot
        refusing = [pod.pod_id for pod in snapshot if not passes(pod, spec, grounds.profile)]
        if refused_by in refusing:
            # NoPod tells of the pods that refuse. Others may have room, but the client has waited enough.
            alone = _only(refusing, snapshot)
            raise self._refusal(self._decide(spec, alone, grounds.profile), alone, grounds)
        raise StoreBusy("the pods change faster than a decision is made")

    def follow(self, winner: Binding, spec: RequestSpec, grounds: Grounds) -> Chosen | None:
        """The pod of a binding that another request wrote first; None when it can't take this create.

        The decision is made over that pod alone, so its record shows no other.
        """
        bindings = [*(binding for binding in spec.bindings if binding.key != winner.key), winner]
        alone = _only([winner.pod_id], grounds.snapshot)
        decision = decide(alone, spec.with_bindings(bindings), grounds.profile, self.ids())
        if decision.action is not Action.KEEP:
            return None
        try:
            return self._claimed(decision, grounds, winner)
        except ClaimRefused:
            return None

    def keep(self, decision: Decision) -> None:
        """Save a decision. Nobody is refused a server because its explanation can't be kept."""
        try:
            self.decisions.save(decision)
        except Exception:
            observability.logger().exception("decision not kept", extra={"decision_id": decision.decision_id})

    def _selected(self, spec: RequestSpec, grounds: Grounds) -> Decision:
        """A decision for a pod. Before claims refuse the request, what is claimed is counted anew, once."""
        decision = self._decide(spec, grounds.snapshot, grounds.profile)
        if decision.selected is None and not grounds.recounted:
            recounted = self.claiming.recounted(grounds.snapshot, spec, grounds.profile)
            if recounted is not None:
                grounds.snapshot, grounds.recounted = recounted, True
                decision = self._decide(spec, recounted, grounds.profile)
        if decision.selected is None:
            raise self._refusal(decision, grounds.snapshot, grounds)
        return decision

    def _decide(self, spec: RequestSpec, snapshot: Snapshot, profile: Profile) -> Decision:
        started = self.timer()
        decision = decide(snapshot, spec, profile, self.ids())
        observability.time_decision((self.timer() - started) * 1000)
        observability.count_rejections(decision.rejected_counts)
        return decision

    def _refusal(self, decision: Decision, snapshot: Snapshot, grounds: Grounds) -> NoPod:
        """The error for a decision without a pod. As with Nova, a quota refuses before want of room does."""
        self.keep(decision)
        refusal = no_pod(decision, snapshot, grounds.profile)
        if refusal.status == NO_ROOM:
            give_quota_back = grounds.take_quota(decision)
            give_quota_back()
        return refusal

    def _claimed(self, decision: Decision, grounds: Grounds, binding: Binding | None = None) -> Chosen:
        assert decision.selected is not None, "a decision without a pod is raised as NoPod"
        pod = decision.selected.pod
        give_quota_back = grounds.take_quota(decision)
        try:
            claim = self.claiming.take(pod, decision, grounds.profile)
        except BaseException as refused:
            give_quota_back()
            if isinstance(refused, ClaimRefused):
                observability.count_claim_refused()
                grounds.snapshot = self.claiming.corrected(refused, grounds.snapshot)
            raise

        def release() -> None:
            self.claiming.release(claim)
            give_quota_back()

        return Chosen(pod, decision, claim, release, binding)


def _only(pod_ids: Iterable[str], snapshot: Snapshot) -> Snapshot:
    return snapshot_of((snapshot[place] for place in sorted(snapshot.places_of(pod_ids))), snapshot.version)
