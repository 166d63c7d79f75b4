"""Engine: which pod takes a request, and what becomes of the project's binding.

Pure: pods, request and bindings come in as values, the clock is the request's, nothing is written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from chalicelib.model.binding import Binding
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.batch import sift_and_rank
from chalicelib.scheduler.decision import Action, Decision, RejectedPod, WeighedPod
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.ranking import Ranking, Sifted, weighed_pods
from chalicelib.scheduler.rule import About, Rejection
from chalicelib.scheduler.sieve import rejections_of


def decide(snapshot: Snapshot, spec: RequestSpec, profile: Profile, decision_id: str) -> Decision:
    """Filter and weigh all pods of a snapshot for a request; their order doesn't matter.

    Never raises for what pods or request hold: without a pod the action is NONE.
    """
    return concluded(sift_and_rank(snapshot, spec, profile), snapshot, spec, profile, decision_id)


def passes(pod: Pod, spec: RequestSpec, profile: Profile) -> bool:
    """Whether a pod may take the request, without weighing it."""
    return not explain(pod, spec, profile)


def explain(pod: Pod, spec: RequestSpec, profile: Profile) -> tuple[Rejection, ...]:
    """What every filter of the profile has against a pod; a decision keeps all only of a bound one."""
    return rejections_of(pod, spec, profile.rules)


def concluded(
    sifted: Sifted, snapshot: Snapshot, spec: RequestSpec, profile: Profile, decision_id: str
) -> Decision:
    """The decision, once it is known who passes and who is best: what becomes of the binding, and why."""
    ranking, rejected = sifted.ranking, sifted.rejected
    winner = ranking.pods[ranking.winner] if ranking else None
    binding = _judged_by(winner, rejected, spec)
    weighed = _weighed(ranking, binding, spec, profile) if ranking else ()
    return Decision(
        decision_id=decision_id,
        spec=spec,
        profile=profile.document(),
        action=_action(winner, binding, rejected),
        selected=weighed[0] if weighed else None,
        binding=binding,
        weighed=weighed,
        weighed_count=sifted.passed_count,
        rejected=_with_bound_pod(rejected, binding, snapshot),
        rejected_counts=dict(sifted.counts),
        snapshot_version=snapshot.version,
        zone_known=not spec.az_name or any(kind.az_name == spec.az_name for kind in snapshot.kinds),
        access_denied=winner is None and _access_denied(snapshot.kinds, spec, profile),
    )


def _judged_by(winner: Pod | None, rejected: Sequence[RejectedPod], spec: RequestSpec) -> Binding | None:
    """The binding that the action is judged by: that of the winner's zone, whatever was asked for.

    Where no zone was asked for and the winner's has none, it is one whose pod only this request can't
    use: the server goes elsewhere and that binding stays, so none is made in another zone (ADR 5).
    """
    if winner is None:
        return spec.binding_in(spec.az_name) if spec.az_name else None
    binding = spec.binding_in(winner.az_name)
    if binding is not None or spec.az_name:
        return binding
    return next((b for b in spec.bindings if b.is_binding and _stays(b, rejected)), None)


def _action(winner: Pod | None, binding: Binding | None, rejected: Sequence[RejectedPod]) -> Action:
    """What becomes of the binding; a bound pod that is gone lets it move."""
    if winner is None:
        return Action.NONE
    if binding is None:
        return Action.CREATE
    if binding.pod_id == winner.pod_id:
        return Action.KEEP
    return Action.DIVERT if _stays(binding, rejected) else Action.UPDATE


def _stays(binding: Binding, rejected: Sequence[RejectedPod]) -> bool:
    """Whether its pod is refused, and for this request alone."""
    place = _place_of(binding.pod_id, rejected)
    return place is not None and not rejected[place].moves_binding


def _weighed(
    ranking: Ranking, binding: Binding | None, spec: RequestSpec, profile: Profile
) -> tuple[WeighedPod, ...]:
    """The best pods, the winner first, and the bound one if it passed."""
    places = ranking.best()
    pods = ranking.pods
    if binding is not None and all(pods[place].pod_id != binding.pod_id for place in places):
        places += [place for place, pod in enumerate(pods) if pod.pod_id == binding.pod_id]
    return weighed_pods(ranking, places, spec, profile)


def _with_bound_pod(
    rejected: Sequence[RejectedPod], binding: Binding | None, snapshot: Snapshot
) -> tuple[RejectedPod, ...]:
    """The rejected pods, with the record of the bound one for a replay."""
    place = None if binding is None else _place_of(binding.pod_id, rejected)
    if binding is None or place is None:
        return tuple(rejected)
    bound = snapshot[snapshot.places[binding.pod_id]]
    return (*rejected[:place], rejected[place]._replace(pod=bound), *rejected[place + 1 :])


def _place_of(pod_id: str, rejected: Sequence[RejectedPod]) -> int | None:
    """Where a pod is among the rejected, which are sorted by pod id."""
    place = bisect_left(rejected, pod_id, key=lambda pod: pod.pod_id)
    return place if place < len(rejected) and rejected[place].pod_id == pod_id else None


def _access_denied(kinds: Sequence[Pod], spec: RequestSpec, profile: Profile) -> bool:
    """Whether there are pods in the zone, and the project may use none of them."""
    rules = profile.about(About.ACCESS)
    in_zone = [kind for kind in kinds if kind.az_name and spec.az_name in (None, "", kind.az_name)]
    return bool(in_zone) and all(rejections_of(kind, spec, rules) for kind in in_zone)
