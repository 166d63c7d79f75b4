"""Plan: what a profile makes of a snapshot before anybody asks: kept for every request of a class.

Pods are *ordinary* here when their verdict and their weights follow from the request's class: zone,
flavor, need, tags, and its project where an access list names it. Others are *personal*: those that the
request singles out, and the unsettled, whose verdict changes with the time. A plan knows all ordinary
ones; a decision asks the rules again about the personal few and the best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.decision import RejectedPod
from chalicelib.scheduler.lots import pod_lot
from chalicelib.scheduler.normalize import plus_bounded
from chalicelib.scheduler.profile import Preference, Profile
from chalicelib.scheduler.rule import Filter, applies

MOST_PLANS = 32  # kept for one snapshot
MOST_DRIFT = 0.02  # of a score: a plan that is older is made again


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordinary pods for one class of requests, as of ``seconds`` (since 1970).

    ``places`` are those that pass, best first, with their negated ``scores`` and their ``lots`` in the
    same order, and each counting weigher's raw weights in ``steady`` unless they change with the time.
    ``rejected`` are the others by pod id, with their ids in the same order.
    """

    seconds: float
    places: list[int]
    passing: frozenset[int]
    negated: Sequence[float]
    lots: list[int]
    steady: Mapping[str, list[float]]
    rejected: tuple[RejectedPod, ...]
    rejected_ids: Sequence[str]
    counts: Mapping[str, int]


def plan_for(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Plan | None:
    """The plan that fits a request; None when a rule of the profile can't be planned with.

    Then the request is decided pod by pod, which is what the rules mean anyway.
    """
    if not all(_plannable(rule, spec) for rule in profile.rules):
        return None
    if not all(_weighable(preference, spec) for preference in profile.preferences):
        return None
    key = (profile.rules, profile.preferences, *_class_of(spec, snapshot))
    plans = snapshot.kept
    with snapshot.keeping:
        plan: Plan | None = plans.pop(key, None)
        if plan is not None:
            plans[key] = plan  # the last used is the last to go
    if plan is None or drift(profile, spec, plan) > MOST_DRIFT:
        plan = _made(snapshot, spec.by_anyone(_project(spec, snapshot)), profile)
        with snapshot.keeping:
            plans[key] = plan
            while len(plans) > MOST_PLANS:
                del plans[next(iter(plans))]
    return plan


def drift(profile: Profile, spec: RequestSpec, plan: Plan) -> float:
    """The most by which two pods' scores can have moved apart between the plan and the request."""
    seconds = abs(spec.requested_seconds - plan.seconds)
    each = (abs(by) * float(getattr(weigher, "apart_per_second", 0.0)) for weigher, by in profile.preferences)
    return seconds * sum(each)


def _plannable(rule: Filter, spec: RequestSpec) -> bool:
    return getattr(rule, "by_kind", False) or hasattr(rule, "suspects_among") or not applies(rule, spec)


def _weighable(preference: Preference, spec: RequestSpec) -> bool:
    weigher, by = preference
    planned = hasattr(weigher, "weigh_places") and weigher.bounds is not None
    return planned or not by or not applies(weigher, spec)


def _class_of(spec: RequestSpec, snapshot: Snapshot) -> tuple[Any, ...]:
    """What an ordinary pod's verdict may depend on; two requests that share it share a plan."""
    flavor = spec.flavor
    tags = tuple(sorted(spec.affinity_tags.items()))
    return _project(spec, snapshot), spec.az_name, flavor.flavor_id, flavor.size, tags, spec.need_row


def _project(spec: RequestSpec, snapshot: Snapshot) -> str:
    return spec.project_id if spec.project_id in snapshot.named_projects else ""


def _made(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Plan:
    places, rejected = _sifted(snapshot, spec, profile.rules)
    rejected.sort(key=lambda pod: pod.pod_id)
    steady: dict[str, list[float]] = {}
    scores = [0.0] * len(places)
    for weigher, by in profile.preferences:
        if not by or not applies(weigher, spec):
            continue
        raws = weigher.weigh_places(snapshot, places, spec)  # type: ignore[attr-defined]
        assert weigher.bounds is not None, "else nothing is planned"
        scores = plus_bounded(scores, raws, weigher.bounds, by)
        if not getattr(weigher, "apart_per_second", 0.0):
            steady[weigher.name] = raws
    order = sorted(range(len(places)), key=scores.__getitem__, reverse=True)
    ids = snapshot.columns.ids
    best_first = [places[n] for n in order]
    return Plan(
        seconds=spec.requested_seconds,
        places=best_first,
        passing=frozenset(places),
        negated=[-scores[n] for n in order],
        lots=[pod_lot(ids[place]) for place in best_first],
        steady={name: [raws[n] for n in order] for name, raws in steady.items()},
        rejected=tuple(rejected),
        rejected_ids=[pod.pod_id for pod in rejected],
        counts=Counter(pod.rejections[0].filter for pod in rejected),
    )


def _sifted(
    snapshot: Snapshot, spec: RequestSpec, rules: Sequence[Filter]
) -> tuple[list[int], list[RejectedPod]]:
    """Where the ordinary pods are that pass, and a rejection for each of the others."""
    unsettled = snapshot.unsettled
    left = [place for place in range(len(snapshot)) if place not in unsettled]
    rejected: list[RejectedPod] = []
    for rule in rules:
        if not left or not applies(rule, spec):
            continue
        sift = _by_kind if getattr(rule, "by_kind", False) else _one_by_one
        left, stopped = sift(rule, snapshot, left, spec)
        rejected += stopped
    return left, rejected


def _by_kind(
    rule: Filter, snapshot: Snapshot, places: list[int], spec: RequestSpec
) -> tuple[list[int], list[RejectedPod]]:
    """One verdict for all pods of a kind."""
    kinds = snapshot.columns.kinds
    verdicts = {number: rule.reject(snapshot.kinds[number], spec) for number in {kinds[p] for p in places}}
    if not any(verdicts.values()):
        return places, []
    ids, names = snapshot.columns.ids, snapshot.columns.names
    stopped = [
        RejectedPod(ids[place], names[place], (verdict,))
        for place in places
        if (verdict := verdicts[kinds[place]]) is not None
    ]
    return [place for place in places if verdicts[kinds[place]] is None], stopped


def _one_by_one(
    rule: Filter, snapshot: Snapshot, places: list[int], spec: RequestSpec
) -> tuple[list[int], list[RejectedPod]]:
    """The pods that the rule suspects are asked about, the others pass."""
    stopped: dict[int, RejectedPod] = {}
    for place in rule.suspects_among(snapshot, places, spec):  # type: ignore[attr-defined]
        verdict = rule.reject(snapshot[place], spec)
        if verdict is not None:
            pod = snapshot[place]
            stopped[place] = RejectedPod(pod.pod_id, pod.pod_name, (verdict,))
    if not stopped:
        return places, []
    return [place for place in places if place not in stopped], list(stopped.values())
