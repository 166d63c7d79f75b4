"""Engine: which pod takes a request, and what becomes of the project's binding.

Pure: pods, request and bindings come in as values, the clock is the request's, nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.model.binding import Binding
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import Action, Decision, RejectedPod, WeighedPod
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.ranking import Ranking, rank, weighed_pods
from chalicelib.scheduler.rule import Bounds, Rejection
from chalicelib.scheduler.sieve import rejections_of, sift


def decide(
    pods: Sequence[Pod],
    spec: RequestSpec,
    profile: Profile,
    decision_id: str,
    snapshot_version: int = 0,
) -> Decision:
    """Filter and weigh all known pods for a request; their order doesn't matter.

    Never raises for what pods or request hold: without a pod the action is NONE.
    """
    decision = _decide(pods, spec, profile, decision_id, {})
    return replace(decision, snapshot_version=snapshot_version)


def passes(pod: Pod, spec: RequestSpec, profile: Profile) -> bool:
    """Whether a pod may take the request, without weighing it."""
    return not explain(pod, spec, profile)


def explain(pod: Pod, spec: RequestSpec, profile: Profile) -> tuple[Rejection, ...]:
    """What every filter of the profile has against a pod; a decision keeps only the first of each."""
    return rejections_of(pod, spec, profile.rules)


def replay(decision: Decision, profile: Profile | None = None) -> Decision:
    """Decide again from what a decision keeps: same action, same winner, same scores.

    ``profile`` is only needed when the decision was made with rules that no document can name.
    Pods that weren't kept can't be asked again: what is known of them is carried over.
    """
    profile = profile or Profile.from_document(decision.profile)
    pods = [weighed.pod for weighed in decision.weighed]
    pods += [rejected.pod for rejected in decision.rejected if rejected.pod is not None]
    again = _decide(pods, decision.spec, profile, decision.decision_id, decision.ranges)
    if decision.contested is not None:  # lost races are no matter of judgement: they stay lost
        again = again.given_way()
    return replace(
        again,
        weighed_count=decision.weighed_count,
        rejected=decision.rejected,
        rejected_counts=decision.rejected_counts,
        snapshot_version=decision.snapshot_version,
        omitted=decision.omitted,
        zone_known=decision.zone_known,
        access_denied=decision.access_denied,
    )


def _decide(
    pods: Sequence[Pod],
    spec: RequestSpec,
    profile: Profile,
    decision_id: str,
    ranges: Mapping[str, Bounds],
) -> Decision:
    passed, rejected = sift(pods, spec, profile.rules)
    ranking = rank(passed, spec, profile, ranges) if passed else None
    winner = passed[ranking.winner] if ranking else None
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
        weighed_count=len(passed),
        rejected=_with_bound_pod(rejected, binding, pods),
        rejected_counts=_counts(rejected, profile),
        ranges=ranking.ranges if ranking else {},
        zone_known=not spec.az_name or any(pod.az_name == spec.az_name for pod in pods),
        access_denied=winner is None and _access_denied(pods, spec, profile),
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
    staying = {r.pod_id for r in rejected if not r.moves_binding}
    return next((b for b in spec.bindings if b.is_binding and b.pod_id in staying), None)


def _action(winner: Pod | None, binding: Binding | None, rejected: Sequence[RejectedPod]) -> Action:
    """DESIGN 1, step 4, and the divert of DESIGN 2; a bound pod that is gone lets its binding move."""
    if winner is None:
        return Action.NONE
    if binding is None:
        return Action.CREATE
    if binding.pod_id == winner.pod_id:
        return Action.KEEP
    stays = any(r.pod_id == binding.pod_id and not r.moves_binding for r in rejected)
    return Action.DIVERT if stays else Action.UPDATE


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
    rejected: Sequence[RejectedPod], binding: Binding | None, pods: Sequence[Pod]
) -> tuple[RejectedPod, ...]:
    """The rejected pods, with the record of the bound one for a replay."""
    if binding is None or not any(r.pod_id == binding.pod_id for r in rejected):
        return tuple(rejected)
    bound = next(pod for pod in pods if pod.pod_id == binding.pod_id)
    return tuple(r._replace(pod=bound) if r.pod_id == bound.pod_id else r for r in rejected)


def _counts(rejected: Sequence[RejectedPod], profile: Profile) -> dict[str, int]:
    """How many pods each filter stopped, in the filters' order."""
    counts = Counter(r.rejections[0].filter for r in rejected)
    return {rule.name: counts[rule.name] for rule in profile.rules if rule.name in counts}


def _access_denied(pods: Sequence[Pod], spec: RequestSpec, profile: Profile) -> bool:
    """Whether there are pods in the zone, and the project may use none of them."""
    closed = [rule.reject for rule in profile.rules if rule.name == "project_access"]
    in_zone = [pod for pod in pods if pod.az_name and spec.az_name in (None, "", pod.az_name)]
    if not closed or not in_zone:
        return False
    return all(closed[0](pod, spec) is not None for pod in in_zone)
