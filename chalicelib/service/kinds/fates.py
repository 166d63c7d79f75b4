"""Fates: what became of a write in each pod, and what the caller is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.model.errors import Conflict, OutcomeUnknown, Trio2oError, Unavailable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply
from chalicelib.service.asking.answer import PodAnswer


class Fate(Enum):
    """What became of a write in a pod, in words."""

    DONE = "done in"
    ALREADY = "was so already in"
    REFUSED = "refused in"
    UNREACHED = "not done, since no connection came about, in"
    UNKNOWN = "perhaps done, since no answer came, in"
    UNASKED = "not asked for in"
    UNTRIED = "not asked, since no answer came before, in"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pod's fate with its reply, and with the reply by which one that refuses ``shown`` what it has."""

    pod: Pod
    fate: Fate
    reply: PodReply | None = None
    shown: PodReply | None = None


def is_done(outcomes: Iterable[Outcome]) -> bool:
    """Whether every pod is as asked."""
    return all(outcome.fate in (Fate.DONE, Fate.ALREADY) for outcome in outcomes)


def changes_nothing(outcomes: Iterable[Outcome]) -> bool:
    """Whether surely no pod was changed."""
    return all(outcome.fate not in (Fate.DONE, Fate.UNKNOWN) for outcome in outcomes)


def answer_of(outcomes: Sequence[Outcome], fate: Fate) -> PodAnswer | None:
    """The reply of the oldest pod with this fate."""
    for outcome in outcomes:
        if outcome.fate is fate and outcome.reply is not None:
            return PodAnswer(outcome.pod, outcome.reply)
    return None


def told_of_pods(outcomes: Iterable[Outcome]) -> str:
    """What happened in which pods, for operators."""
    return _told(outcomes, lambda pod: pod.pod_name)


def told_of_zones(outcomes: Iterable[Outcome]) -> str:
    """What happened in which zones, for clients, who know no pods.

    A zone whose pods fared differently is named more than once.
    """
    return _told(outcomes, lambda pod: pod.az_name)


def failure(outcomes: Sequence[Outcome]) -> Trio2oError:
    """The error for a write that isn't done in every pod."""
    fates = {outcome.fate for outcome in outcomes}
    message = f"Not done everywhere: {told_of_zones(outcomes)}. The same call, made again, does the rest."
    if Fate.UNKNOWN in fates:
        return OutcomeUnknown(message)
    return Unavailable(message) if Fate.UNREACHED in fates else Conflict(message)


def _told(outcomes: Iterable[Outcome], name: Callable[[Pod], str]) -> str:
    named: dict[Fate, set[str]] = {}
    for outcome in outcomes:
        named.setdefault(outcome.fate, set()).add(name(outcome.pod))
    return "; ".join(f"{fate.value} {', '.join(sorted(named[fate]))}" for fate in Fate if fate in named)
