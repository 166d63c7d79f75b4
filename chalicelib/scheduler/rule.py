"""Rule: what a filter and a weigher look like, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec


class Scope(StrEnum):
    """What a rejection is about: the POD (its binding moves) or this REQUEST alone (it is diverted)."""

    POD = "pod"
    REQUEST = "request"


class Rejection(NamedTuple):
    """Why a pod failed a filter.

    ``code`` names one of the filter's sentences and ``numbers`` fill it in; the sentence itself is
    built when somebody reads it, since a create rejects many pods and reads none.
    """

    filter: str
    scope: Scope
    code: str
    numbers: tuple[str | int | float, ...] = ()


class Bounds(NamedTuple):
    """Where a weigher's raw weights lie, so that no other pod changes a pod's normalised weight."""

    low: float
    high: float


@runtime_checkable
class Filter(Protocol):
    """A rule that a pod passes or fails.

    ``sentences`` has a format string for each code of its rejections. A filter may say ``reason``:
    the refusal in words that a tenant may read, so without pods and numbers. To be fast over many
    pods it may also have ``applies(spec)`` (False: it would reject no pod whatsoever) and
    ``suspects(pods, spec)`` (all that it might reject, in their order; the others surely pass). Both only
    save calls of ``reject``, which is what the filter means.
    """

    name: ClassVar[str]
    sentences: ClassVar[dict[str, str]]

    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """None when the pod passes."""


@runtime_checkable
class Weigher(Protocol):
    """A preference among the pods that passed; higher wins.

    To be fast over many pods it may have ``applies(spec)`` (False: its raw weight is 0.0 for every pod)
    and ``weigh_all(pods, spec)``. ``weigh`` is what the weigher means.
    """

    name: ClassVar[str]
    bounds: ClassVar[Bounds | None]

    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """The raw weight, in the weigher's own unit."""


def suspects(rule: Filter, pods: list[Pod], spec: RequestSpec) -> list[Pod]:
    """The pods that a filter needs to be asked about; all, if it has no quicker way to know."""
    quick = getattr(rule, "suspects", None)
    return pods if quick is None else list(quick(pods, spec))


def weigh_all(weigher: Weigher, pods: Sequence[Pod], spec: RequestSpec) -> list[float]:
    """The raw weight of each pod, at once where the weigher can."""
    quick = getattr(weigher, "weigh_all", None)
    if quick is not None:
        return list(quick(pods, spec))
    weigh = weigher.weigh
    return [weigh(pod, spec) for pod in pods]


def applies(rule: Filter | Weigher, spec: RequestSpec) -> bool:
    """Whether a rule can tell pods apart for this request; a rule that doesn't say might."""
    ask = getattr(rule, "applies", None)
    return ask is None or bool(ask(spec))
