"""Rule: the contract of filters and weighers; all that the engine asks of them is here, with defaults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple, Self

from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.snapshot import Snapshot


class Scope(StrEnum):
    """What a rejection concerns: the POD (its binding moves) or this REQUEST alone (it is diverted)."""

    POD = "pod"
    REQUEST = "request"


class About(StrEnum):
    """What a filter asks about, for those who act on its rejections and needn't know its name.

    ZONE: is the pod where the request wants to go? TROUBLE: does the pod answer just now? ACCESS: may the
    project use the pod, whatever it asks for? TAGS: does the pod carry the tags of an affinity group?
    PROOF: has the pod ever answered at its present address? NAMED: is what the request names in the pod?

    A filter about ACCESS must hold for KIND (see HoldsFor): it is also asked about kinds instead of pods,
    and those have no id, name or weight. Any other can't even be defined.
    """

    ZONE = "zone"
    TROUBLE = "trouble"
    ACCESS = "access"
    TAGS = "tags"
    PROOF = "proof"
    NAMED = "named"
    OTHER = "other"


class HoldsFor(StrEnum):
    """How far a rule's answer about one pod and one request reaches: so far the engine keeps it.

    REQUEST: for these two alone. The rule may look at anything; each request asks it anew.

    POD: for all requests of the same class, whenever they come. They agree in zone, flavor, need, count, and
    in the project where an access list names it: in all that ``RequestSpec.of_class`` keeps but the time.

    KIND: so, and for all pods of the same kind, which agree in all fields that a snapshot keeps ``BY_KIND``
    (``model/entry.py``).

    POD and KIND promise nothing about pods that the request singles out, nor about those that are out of
    reach or have windows: about these, each request asks anew anyway.
    """

    REQUEST = "request"
    POD = "pod"
    KIND = "kind"


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

    @property
    def size(self) -> float:
        """What a raw weight is divided by: the larger bound's size."""
        return max(abs(self.low), abs(self.high)) or 1.0


@dataclass(frozen=True)
class Rule:
    """What filters and weighers have in common: frozen dataclasses, whose fields are their parameters."""

    name: ClassVar[str]
    holds_for: ClassVar[HoldsFor] = HoldsFor.REQUEST

    def applies(self, spec: RequestSpec) -> bool:
        """False when it makes no difference to any pod for this request: no rejection, no weight but 0.0."""
        return True

    def check(self) -> None:
        """Raise InvalidField when the parameters, each within its bounds, make no sense together."""


@dataclass(frozen=True)
class Filter(Rule, ABC):
    """A rule that a pod passes or fails.

    It must have ``name``, ``sentences`` and ``reject``, which is what the filter means. The rest has defaults
    that are right for any filter: what it says about itself to others, and what saves calls of ``reject``.

    ``sentences`` has a format string for each code of its rejections. ``reason`` is the refusal in words
    that a tenant may read, so without pods and numbers: "3 passed over: <reason>". A filter that is
    ``indispensable`` runs under every profile, also under one that doesn't name it.
    """

    sentences: ClassVar[dict[str, str]]
    reason: ClassVar[str] = "isn't eligible"
    about: ClassVar[About] = About.OTHER
    indispensable: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Raise TypeError for a filter about access that looks at more than a pod's kind."""
        if cls.about is About.ACCESS and cls.holds_for is not HoldsFor.KIND:
            raise TypeError(f"{cls.__name__} is about ACCESS, so it must hold for KIND")

    @abstractmethod
    def reject(self, pod: Pod, spec: RequestSpec) -> Rejection | None:
        """None when the pod passes."""

    def suspects(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> Sequence[int]:
        """Those of the pods at ``places`` that it might reject, judged by columns; the others surely pass."""
        return places

    def upholds(self, before: Self, rejection: Rejection, bound: bool) -> bool:
        """Whether it surely repeats a kept rejection that ``before``, with other parameters, once made.

        To be judged by the rejection's code and numbers alone; where they leave a doubt, the answer is
        False. ``bound``: the project was bound to the pod.
        """
        return False

    def watermark(self, pod: Pod, spec: RequestSpec) -> float | None:
        """How full it lets the pod be with this request, as a fraction of each limit; None: no end."""
        return None


@dataclass(frozen=True)
class Weigher(Rule, ABC):
    """A preference among the pods that passed; higher wins.

    It must have ``name``, ``bounds`` and ``weigh``, which is what the weigher means. Weights beyond the
    bounds are clamped to them.
    """

    bounds: ClassVar[Bounds]

    @abstractmethod
    def weigh(self, pod: Pod, spec: RequestSpec) -> float:
        """The raw weight, in the weigher's own unit."""

    def weigh_places(self, snapshot: Snapshot, places: Sequence[int], spec: RequestSpec) -> list[float]:
        """``weigh`` of each of the pods at ``places``, by columns where it can."""
        return [self.weigh(snapshot[place], spec) for place in places]

    def apart_per_second(self) -> float:
        """The most by which the normalised weights of two pods move apart in a second; 0.0: they don't."""
        return 0.0
