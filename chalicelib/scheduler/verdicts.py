"""Verdicts: what every filter says of a pod, as far as a kept decision knows."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.scheduler.decision import Decision, RejectedPod


class Verdict(StrEnum):
    """NOT_KEPT: the pod had stopped at an earlier filter, and its record wasn't kept to ask the rest."""

    PASSES = "passes"
    REJECTS = "rejects"
    NOT_KEPT = "not kept"


def verdicts_on_passed(decision: Decision) -> dict[str, Verdict]:
    """A weighed pod passed them all."""
    return dict.fromkeys(decision.profile["filters"], Verdict.PASSES)


def verdicts_on_rejected(decision: Decision, rejected: RejectedPod) -> dict[str, Verdict]:
    """By filter, in the order in which they ran.

    A pod that the project was bound to was asked by all; any other stopped at the first that
    rejected it, so it passed those before, and of those after nothing is known.
    """
    against = {rejection.filter for rejection in rejected.rejections}
    asked_by_all = rejected.pod_id in decision.spec.bound_pod_ids
    verdicts: dict[str, Verdict] = {}
    stopped = False
    for name in decision.profile["filters"]:
        if name in against:
            verdicts[name] = Verdict.REJECTS
            stopped = True
        else:
            verdicts[name] = Verdict.NOT_KEPT if stopped and not asked_by_all else Verdict.PASSES
    return verdicts
