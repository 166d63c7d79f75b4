"""Batch: a whole snapshot filtered and weighed for one request, by the plan for its class.

Gives what the rules' own methods give pod by pod, which is what they mean; a property test holds both equal.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence, Set

from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.contenders import Contenders, deep_enough
from chalicelib.scheduler.decision import RejectedPod
from chalicelib.scheduler.plan import Plan, rejected_among
from chalicelib.scheduler.plans import plan_for
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.ranking import Sifted
from chalicelib.scheduler.sieve import sift


def sift_and_rank(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Sifted:
    """The pods that pass, with the best of them ranked, and the others."""
    plan = plan_for(snapshot, spec, profile)
    personal = snapshot.places_of(spec.singled_out) | snapshot.unsettled | snapshot.changed
    places = sorted(personal)
    passed, rejected = sift([snapshot[place] for place in places], spec, profile.rules)
    stopped = _stopped(plan, snapshot, spec, personal)
    apart = personal | stopped.keys()
    gone = apart & plan.passing
    contenders = Contenders(snapshot, plan, passed, apart, deep_enough(plan, len(gone), spec, profile))
    others = _Others(plan, snapshot, apart, [*rejected, *stopped.values()])
    return Sifted(
        ranking=contenders.ranked(spec, profile) if contenders.places else None,
        passed_count=len(passed) + len(plan.places) - len(gone),
        rejected=others.merged(),
        counts=others.counts(profile),
    )


def _stopped(plan: Plan, snapshot: Snapshot, spec: RequestSpec, personal: Set[int]) -> dict[int, RejectedPod]:
    """The ordinary pods that a filter rejects which the plan left open."""
    stopped: dict[int, RejectedPod] = {}
    for rule, places in plan.open:
        if rule.applies(spec):
            ordinary = [place for place in places if place not in personal and place not in stopped]
            stopped |= rejected_among(rule, snapshot, ordinary, spec)
    return stopped


class _Others:
    """The rejected pods: the plan's, minus the pods judged again, plus those now rejected."""

    def __init__(
        self, plan: Plan, snapshot: Snapshot, apart: Set[int], rejected: Sequence[RejectedPod]
    ) -> None:
        """``rejected`` are those of the pods ``apart`` that are rejected, in any order."""
        self._plan, self._rejected = plan, rejected
        ids, rejected_ids = snapshot.columns.ids, plan.rejected_ids
        found = ((bisect_left(rejected_ids, ids[place]), ids[place]) for place in apart)
        self._gone = {n for n, pod_id in found if n < len(rejected_ids) and rejected_ids[n] == pod_id}

    def merged(self) -> tuple[RejectedPod, ...]:
        """All rejected pods, by pod id; those of the plan are shared by all decisions of its class."""
        if not self._gone and not self._rejected:
            return self._plan.rejected
        kept = list(self._plan.rejected)
        for n in sorted(self._gone, reverse=True):
            del kept[n]
        for pod in self._rejected:
            kept.insert(bisect_left(kept, pod.pod_id, key=_pod_id), pod)
        return tuple(kept)

    def counts(self, profile: Profile) -> Mapping[str, int]:
        """How many pods each filter stopped, in the filters' order."""
        counts = Counter(self._plan.counts)
        counts.subtract(self._plan.rejected[n].rejections[0].filter for n in self._gone)
        counts.update(pod.rejections[0].filter for pod in self._rejected)
        return {rule.name: counts[rule.name] for rule in profile.rules if counts[rule.name]}


def _pod_id(rejected: RejectedPod) -> str:
    return rejected.pod_id
