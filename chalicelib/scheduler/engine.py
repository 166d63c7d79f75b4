"""Engine: which pod takes a request, and what becomes of the project's binding.

Pure: pods, request and bindings come in as values, the clock is the request's, nothing is written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.model.binding import Binding
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.batch import sift_and_rank
from chalicelib.scheduler.decision import Action, Decision, RejectedPod, WeighedPod
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.ranking import Ranking, Sifted, rank, weighed_pods
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

    A snapshot brings its own version and is decided on in columns. Never raises for what pods or request
    hold: without a pod the action is NONE.
    """
    decision = _decide(pods, spec, profile, decision_id, {})
    version = pods.version if isinstance(pods, Snapshot) else snapshot_version
    return replace(decision, snapshot_version=version)


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
    sifted = _sifted(pods, spec, profile, ranges)
    ranking, rejected = sifted.ranking, sifted.rejected
    winner = ranking.pods[ranking.winner] if ranking else None
    kinds = pods.kinds if isinstance(pods, Snapshot) else pods
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
        rejected=_with_bound_pod(rejected, binding, pods),
        rejected_counts=dict(sifted.counts),
        ranges=ranking.ranges if ranking else {},
        zone_known=not spec.az_name or any(kind.az_name == spec.az_name for kind in kinds),
        access_denied=winner is None and _access_denied(kinds, spec, profile),
    )


def _sifted(pods: Sequence[Pod], spec: RequestSpec, profile: Profile, ranges: Mapping[str, Bounds]) -> Sifted:
    """Filter and weigh: a snapshot as a whole where its rules can, else pod by pod."""
    if isinstance(pods, Snapshot):
        batch = sift_and_rank(pods, spec, profile)
        if batch is not None:
            return batch
    passed, rejected = sift(pods, spec, profile.rules)
    ranking = rank(passed, spec, profile, ranges) if passed else None
    return Sifted(ranking, len(passed), rejected, _counts(rejected, profile))


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
    """DESIGN 1, step 4, and the divert of DESIGN 2; a bound pod that is gone lets its binding move."""
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
    rejected: Sequence[RejectedPod], binding: Binding | None, pods: Sequence[Pod]
) -> tuple[RejectedPod, ...]:
    """The rejected pods, with the record of the bound one for a replay."""
    place = None if binding is None else _place_of(binding.pod_id, rejected)
    if binding is None or place is None:
        return tuple(rejected)
    if isinstance(pods, Snapshot):
        bound = pods[pods.places[binding.pod_id]]
    else:
        bound = next(pod for pod in pods if pod.pod_id == binding.pod_id)
    return (*rejected[:place], rejected[place]._replace(pod=bound), *rejected[place + 1 :])


def _place_of(pod_id: str, rejected: Sequence[RejectedPod]) -> int | None:
    """Where a pod is among the rejected, which are sorted by pod id."""
    place = bisect_left(rejected, pod_id, key=lambda pod: pod.pod_id)
    return place if place < len(rejected) and rejected[place].pod_id == pod_id else None


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
