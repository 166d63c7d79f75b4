"""Sieve: ask the filters about pods one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler.decision import RejectedPod
from chalicelib.scheduler.rule import Filter, Rejection


def sift(
    pods: Iterable[Pod], spec: RequestSpec, filters: Sequence[Filter]
) -> tuple[list[Pod], list[RejectedPod]]:
    """The pods that pass all filters, and the others, both in the order given.

    A pod stops at the first filter that rejects it; one that the project is bound to runs through
    all, since all scopes decide what happens to the binding.
    """
    asked = [rule for rule in filters if rule.applies(spec)]
    passed: list[Pod] = []
    rejected: list[RejectedPod] = []
    for pod in pods:
        verdicts = (verdict for rule in asked if (verdict := rule.reject(pod, spec)) is not None)
        first = next(verdicts, None)
        if first is None:
            passed.append(pod)
        else:
            others = verdicts if pod.pod_id in spec.bound_pod_ids else ()
            rejected.append(RejectedPod(pod.pod_id, pod.pod_name, (first, *others)))
    return passed, rejected


def rejections_of(pod: Pod, spec: RequestSpec, filters: Sequence[Filter]) -> tuple[Rejection, ...]:
    """What every filter has against a pod, in the filters' order; none: it passes."""
    verdicts = (rule.reject(pod, spec) for rule in filters)
    return tuple(verdict for verdict in verdicts if verdict is not None)
