"""What the rules mean: a decision made pod by pod, with their own methods alone; and one made once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot, snapshot_of
from chalicelib.scheduler.decision import Decision, RejectedPod
from chalicelib.scheduler.engine import concluded, decide
from chalicelib.scheduler.lots import lot, pod_lot, project_lot
from chalicelib.scheduler.normalize import by_bounds
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.ranking import ROUNDING, Ranking, Sifted


def decide_pod_by_pod(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Decision:
    """As ``engine.decide``: each pod is asked about at each filter until one rejects it, and then weighed."""
    passed, rejected = [], []
    for pod in snapshot:
        verdicts = (verdict for rule in profile.rules if (verdict := rule.reject(pod, spec)))
        told = tuple(verdicts if pod.pod_id in spec.bound_pod_ids else islice(verdicts, 1))
        if told:
            rejected.append(RejectedPod(pod.pod_id, pod.pod_name, told))
        else:
            passed.append(pod)
    rejected.sort(key=lambda pod: pod.pod_id)
    first = Counter(pod.rejections[0].filter for pod in rejected)
    counts = {rule.name: first[rule.name] for rule in profile.rules if first[rule.name]}
    ranking = _ranked(passed, spec, profile) if passed else None
    sifted = Sifted(ranking, len(passed), rejected, counts)
    return concluded(sifted, snapshot, spec, profile, "decision-1")


def replay(decision: Decision, profile: Profile | None = None) -> Decision:
    """Decide again from what a decision keeps: same action, same winner, same scores.

    ``profile`` is only needed when the decision was made with rules that no document can name.
    Pods that weren't kept can't be asked again: what is known of them is carried over.
    """
    profile = profile or Profile.from_document(decision.profile)
    pods = [weighed.pod for weighed in decision.weighed]
    pods += [rejected.pod for rejected in decision.rejected if rejected.pod is not None]
    again = decide(snapshot_of(pods), decision.spec, profile, decision.decision_id)
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


def _ranked(pods: Sequence[Pod], spec: RequestSpec, profile: Profile) -> Ranking:
    scores = [_score(pod, spec, profile) for pod in pods]
    lowest = max(scores) - profile.tie_margin - ROUNDING
    tied = [n for n, score in enumerate(scores) if score >= lowest]

    def order(n: int) -> tuple[object, str]:
        pod = pods[n]
        if profile.tie_break == "created_at":
            return pod.created_at, pod.pod_id
        return lot(project_lot(spec.project_id), pod_lot(pod.pod_id)), pod.pod_id

    return Ranking(pods, scores, min(tied, key=order))


def _score(pod: Pod, spec: RequestSpec, profile: Profile) -> float:
    score = 0.0
    for weigher, by in profile.preferences:
        score += by * by_bounds([weigher.weigh(pod, spec)], weigher.bounds)[0]
    return score
