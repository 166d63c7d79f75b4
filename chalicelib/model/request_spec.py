"""RequestSpec: what is asked, by whom, where and when."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.model.affinity import affinity_group
from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import Binding
from chalicelib.model.flavor import Flavor


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """A create as the scheduler sees it; it holds all that a decision may depend on.

    ``az_name`` is None when no zone is asked for and none is the default. ``need`` is for all of
    ``count`` servers. ``bindings`` are the project's active ones of this affinity group, one a zone.
    ``failed_pod_ids`` are pods this create already failed in, and ``refused_decision_ids`` its decisions for
    those of them that refused it. ``requested_at`` is aware UTC.

    What changes faster than a snapshot of the pods comes along too: ``open_circuits`` are the pods
    whose calls fail, ``failed_builds`` what is left of a pod's recent ones.
    ``pinned_pod_ids`` are the pods that hold what the request names, by resource.
    """

    project_id: str
    flavor: Flavor
    need: Amounts
    requested_at: datetime
    az_name: str | None = None
    count: int = 1
    request_id: str = ""
    bindings: tuple[Binding, ...] = ()
    failed_pod_ids: frozenset[str] = frozenset()
    refused_decision_ids: frozenset[str] = frozenset()
    open_circuits: frozenset[str] = frozenset()
    failed_builds: Mapping[str, float] = field(default_factory=dict)
    pinned_pod_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    affinity_tags: Mapping[str, str] = field(init=False, compare=False, default_factory=dict)
    bound_pod_ids: frozenset[str] = field(init=False, compare=False, default=frozenset())
    requested_seconds: float = field(init=False, compare=False, repr=False, default=0.0)
    need_row: tuple[float, ...] = field(init=False, compare=False, repr=False, default=())

    def __post_init__(self) -> None:
        """Work out once what the rules ask of every pod."""
        bound = frozenset(b.pod_id for b in self.bindings if b.is_binding)
        object.__setattr__(self, "bound_pod_ids", bound)
        object.__setattr__(self, "affinity_tags", self.flavor.affinity_tags)
        object.__setattr__(self, "requested_seconds", self.requested_at.timestamp())
        object.__setattr__(self, "need_row", tuple(map(float, self.need)))

    @property
    def singled_out(self) -> frozenset[str]:
        """The pods about which the request itself says something; to it, all others are what they report."""
        return self.bound_pod_ids | self.failed_pod_ids | self.open_circuits | self.failed_builds.keys()

    @property
    def shared(self) -> tuple[Hashable, ...]:
        """What requests of one class have in common, besides a project that access lists name."""
        flavor = self.flavor
        extra_specs = tuple(sorted(flavor.extra_specs.items()))
        known_by = (flavor.flavor_id, flavor.name, flavor.size, extra_specs)
        return self.az_name, self.count, self.need_row, known_by

    def of_class(self, project_id: str) -> RequestSpec:
        """Any request of the same class, of nobody in particular: it names nothing and singles no pod out."""
        return RequestSpec(
            project_id, self.flavor, self.need, self.requested_at, az_name=self.az_name, count=self.count
        )

    @property
    def attempt(self) -> int:
        """Which attempt of its create it is for: 1, and one more for each pod that the create failed in."""
        return 1 + len(self.failed_pod_ids)

    @property
    def affinity_group(self) -> str:
        """The group that the flavor's tags name."""
        return affinity_group(self.affinity_tags)

    def binding_in(self, az_name: str) -> Binding | None:
        """The project's active binding in a zone."""
        return next((b for b in self.bindings if b.is_binding and b.key.az_name == az_name), None)

    def with_bindings(self, bindings: Iterable[Binding]) -> RequestSpec:
        """The same request after reading the bindings again."""
        return replace(self, bindings=tuple(b for b in bindings if b.is_binding))

    def failed_in(self, pod_id: str) -> RequestSpec:
        """The same request after a pod could not be reached."""
        return replace(self, failed_pod_ids=self.failed_pod_ids | {pod_id})

    def refused_in(self, pod_id: str, decision_id: str) -> RequestSpec:
        """The same request after the pod of a decision said that it lacks what is asked for."""
        refused = self.refused_decision_ids | {decision_id}
        return replace(self.failed_in(pod_id), refused_decision_ids=refused)

    @property
    def met_silence(self) -> bool:
        """Whether one of the pods that the create failed in didn't say why."""
        return len(self.failed_pod_ids) > len(self.refused_decision_ids)

    def bound_in_vain_to(self, pod_id: str) -> bool:
        """Whether this very create has bound the project to a pod that then refused it."""
        bound = (b for b in self.bindings if b.is_binding and b.pod_id == pod_id)
        return any(binding.decision_id in self.refused_decision_ids for binding in bound)
