"""Plan: what a profile makes of a snapshot before anybody asks, for every request of a class.

Pods are *ordinary* here unless a request singles them out or their verdict changes with the time; those are
*personal*. Of the ordinary ones a plan knows all that holds for the request's class: who passes, best first,
and who doesn't and why. What a rule says for one request alone (``HoldsFor.REQUEST``) is left open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot
from chalicelib.scheduler.decision import RejectedPod
from chalicelib.scheduler.lots import pod_lot
from chalicelib.scheduler.normalize import plus_bounded
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.rule import Filter, HoldsFor


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordinary pods for one class of requests, as of ``seconds`` (since 1970); pods are named by place.

    ``places`` are those that pass, best first; ``passing`` is the set of them. In the same order are their
    scores, ``negated``, their ``lots``, and in ``steady`` each weigher's raw weights, unless they change with
    the time or the request. ``rejected`` are the others by pod id, with their ids in the same order, and
    ``counts`` says how many each filter stopped. ``open`` are the filters that each request must ask anew,
    with the places of the pods that no earlier filter of the plan rejected.
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
    open: Sequence[tuple[Filter, Sequence[int]]]

    def drift(self, spec: RequestSpec, profile: Profile) -> float:
        """The most by which two pods' scores can have moved apart between the plan and the request."""
        return abs(spec.requested_seconds - self.seconds) * profile.apart_per_second


def make_plan(snapshot: Snapshot, spec: RequestSpec, profile: Profile) -> Plan:
    """The plan for all requests that share what ``spec`` says; that is what ``of_class`` leaves of one."""
    sorting = _Sorting(snapshot, spec)
    for rule in profile.rules:
        sorting.pass_through(rule)
    rejected = sorted(sorting.rejected, key=lambda pod: pod.pod_id)
    scores, steady = _weighed(snapshot, sorting.left, spec, profile)
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    places = [sorting.left[n] for n in order]
    ids = snapshot.columns.ids
    return Plan(
        seconds=spec.requested_seconds,
        places=places,
        passing=frozenset(places),
        negated=[-scores[n] for n in order],
        lots=[pod_lot(ids[place]) for place in places],
        steady={name: [raws[n] for n in order] for name, raws in steady.items()},
        rejected=tuple(rejected),
        rejected_ids=[pod.pod_id for pod in rejected],
        counts=Counter(pod.rejections[0].filter for pod in rejected),
        open=sorting.open,
    )


class _Sorting:
    """The ordinary pods on their way through the filters."""

    def __init__(self, snapshot: Snapshot, spec: RequestSpec) -> None:
        self.snapshot, self._spec = snapshot, spec
        unsettled = snapshot.unsettled
        self.left: Sequence[int] = [place for place in range(len(snapshot)) if place not in unsettled]
        self.rejected: list[RejectedPod] = []
        self.open: list[tuple[Filter, Sequence[int]]] = []

    def pass_through(self, rule: Filter) -> None:
        """One filter: it stops some of those that are left, or is left open."""
        if rule.holds_for is HoldsFor.REQUEST:
            self.open.append((rule, self.left))
        elif rule.applies(self._spec):
            stopped = self._by_kind(rule) if rule.holds_for is HoldsFor.KIND else self._by_pod(rule)
            if stopped:
                self.left = [place for place in self.left if place not in stopped]
                self.rejected += stopped.values()

    def _by_kind(self, rule: Filter) -> dict[int, RejectedPod]:
        """One verdict for all pods of a kind."""
        columns, known = self.snapshot.columns, self.snapshot.kinds
        kinds = columns.kinds
        present = {kinds[place] for place in self.left}
        verdicts = {number: rule.reject(known[number], self._spec) for number in present}
        if not any(verdicts.values()):
            return {}
        return {
            place: RejectedPod(columns.ids[place], columns.names[place], (verdict,))
            for place in self.left
            if (verdict := verdicts[kinds[place]]) is not None
        }

    def _by_pod(self, rule: Filter) -> dict[int, RejectedPod]:
        """The pods that the rule suspects are asked about, the others pass."""
        return rejected_among(rule, self.snapshot, self.left, self._spec)


def rejected_among(
    rule: Filter, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec
) -> dict[int, RejectedPod]:
    """Those of the pods at some places that a filter rejects."""
    rejected: dict[int, RejectedPod] = {}
    for place in rule.suspects(snapshot, places, spec):
        pod = snapshot[place]
        verdict = rule.reject(pod, spec)
        if verdict is not None:
            rejected[place] = RejectedPod(pod.pod_id, pod.pod_name, (verdict,))
    return rejected


def _weighed(
    snapshot: Snapshot, places: Sequence[int], spec: RequestSpec, profile: Profile
) -> tuple[list[float], dict[str, list[float]]]:
    """The scores of the pods at some places, as far as they hold for the class, and the steady weights."""
    steady: dict[str, list[float]] = {}
    scores = [0.0] * len(places)
    for weigher, by in profile.preferences:
        if by and weigher.holds_for is not HoldsFor.REQUEST and weigher.applies(spec):
            raws = weigher.weigh_places(snapshot, places, spec)
            scores = plus_bounded(scores, raws, weigher.bounds, by)
            if not weigher.apart_per_second():
                steady[weigher.name] = raws
    return scores, steady
