"""Sieve: run the filters over the pods."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import RejectedPod
from chalicelib.scheduler.rule import Filter, Rejection, applies, suspects


def sift(
    pods: Sequence[Pod], spec: RequestSpec, filters: Sequence[Filter]
) -> tuple[list[Pod], list[RejectedPod]]:
    """The pods that pass all filters, in the order given, and the others, by pod id.

    A pod stops at the first filter that rejects it; one that the project is bound to runs through
    all, since all scopes decide what happens to the binding.
    """
    left, rejected = list(pods), list[RejectedPod]()
    for rule in filters:
        if not applies(rule, spec):
            continue
        stopped = _stopped_by(rule, suspects(rule, left, spec), spec, filters)
        if stopped:
            gone = {pod.pod_id for pod in stopped}
            left = [pod for pod in left if pod.pod_id not in gone]
            rejected += stopped
    rejected.sort(key=_pod_id)
    return left, rejected


def rejections_of(pod: Pod, spec: RequestSpec, filters: Sequence[Filter]) -> tuple[Rejection, ...]:
    """What every filter has against a pod, in the filters' order; none: it passes."""
    verdicts = (rule.reject(pod, spec) for rule in filters)
    return tuple(verdict for verdict in verdicts if verdict is not None)


def _stopped_by(
    rule: Filter, pods: Sequence[Pod], spec: RequestSpec, filters: Sequence[Filter]
) -> list[RejectedPod]:
    reject, bound = rule.reject, spec.bound_pod_ids
    return [
        RejectedPod(
            pod.pod_id, pod.pod_name, rejections_of(pod, spec, filters) if pod.pod_id in bound else (first,)
        )
        for pod in pods
        if (first := reject(pod, spec)) is not None
    ]


def _pod_id(rejected: RejectedPod) -> str:
    return rejected.pod_id
