"""Profile: the filters, weighers and multipliers in force, as one versioned document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, NamedTuple

from chalicelib.model.errors import InvalidField
from chalicelib.scheduler import profile_document
from chalicelib.scheduler.filters.all_pods import AllPodsFilter
from chalicelib.scheduler.filters.availability_zone import AvailabilityZoneFilter
from chalicelib.scheduler.filters.bottom_pod import BottomPodFilter
from chalicelib.scheduler.filters.breaker import BreakerFilter
from chalicelib.scheduler.filters.capacity import CapacityFilter
from chalicelib.scheduler.filters.flavor import FlavorFilter
from chalicelib.scheduler.filters.locality import LocalityFilter
from chalicelib.scheduler.filters.pod_state import PodStateFilter
from chalicelib.scheduler.filters.project_access import ProjectAccessFilter
from chalicelib.scheduler.filters.resource_affinity import ResourceAffinityFilter
from chalicelib.scheduler.filters.retry import RetryFilter
from chalicelib.scheduler.rule import Filter, Weigher
from chalicelib.scheduler.weighers.build_failure import BuildFailureWeigher
from chalicelib.scheduler.weighers.creation_time import CreationTimeWeigher
from chalicelib.scheduler.weighers.current_binding import CurrentBindingWeigher
from chalicelib.scheduler.weighers.freshness import FreshnessWeigher
from chalicelib.scheduler.weighers.idle_capacity import IdleCapacityWeigher
from chalicelib.scheduler.weighers.static_weight import StaticWeightWeigher

# A new filter or weigher is its module and one line here. Filters run in this order by default.
FILTERS: Mapping[str, type[Filter]] = {
    rule.name: rule
    for rule in (
        AllPodsFilter,
        BottomPodFilter,
        AvailabilityZoneFilter,
        PodStateFilter,
        BreakerFilter,
        ProjectAccessFilter,
        ResourceAffinityFilter,
        FlavorFilter,
        LocalityFilter,
        CapacityFilter,
        RetryFilter,
    )
}
WEIGHERS: Mapping[str, type[Weigher]] = {
    rule.name: rule
    for rule in (
        IdleCapacityWeigher,
        CreationTimeWeigher,
        CurrentBindingWeigher,
        StaticWeightWeigher,
        BuildFailureWeigher,
        FreshnessWeigher,
    )
}

_SPREAD = {
    "idle_capacity": 1.0,
    "creation_time": 0.0,
    "current_binding": 0.5,
    "static_weight": 1.0,
    "build_failure": 10.0,
    "freshness": 0.1,
}
_RANGES = {
    "bind_watermark": (0.0, 1.0),
    "keep_watermark": (0.0, 1.0),
    "large_request_share": (0.0, 1.0),
    "tie_margin": (0.0, 1e6),
    "rebind_after_seconds": (0.0, 1e9),
    "max_age_seconds": (1.0, 1e9),
    "worst_failed_builds": (1.0, 1e6),
}
TIE_BREAKS = ("hash", "created_at")


class Preference(NamedTuple):
    """A weigher and how much the profile cares; below 0.0 the lowest weight wins."""

    weigher: Weigher
    multiplier: float


@dataclass(frozen=True)
class Profile:
    """What ``decide`` goes by; the defaults are those of ``spread``.

    Watermarks and shares are fractions. Scores within ``tie_margin`` of the best tie; ``tie_break`` is
    ``hash`` (projects spread over the pods that tie) or ``created_at`` (the oldest wins). ``filters``
    run in their order. Rules that aren't in the registries may be given as objects; the document
    doesn't hold those. Raises InvalidField when something in it makes no sense, so that nothing is
    refused when it is used.
    """

    name: str = "spread"
    version: int = 0
    filters: tuple[str, ...] = tuple(FILTERS)
    weighers: Mapping[str, float] = field(default_factory=lambda: dict(_SPREAD))
    bind_watermark: float = 0.90
    keep_watermark: float = 0.95
    large_request_share: float = 0.25
    tie_margin: float = 0.05
    tie_break: str = "hash"
    rebind_after_seconds: float = 300.0
    max_age_seconds: float = 300.0
    worst_failed_builds: float = 10.0
    custom_filters: tuple[Filter, ...] = ()
    custom_weighers: tuple[Preference, ...] = ()
    rules: tuple[Filter, ...] = field(init=False, compare=False, repr=False)
    preferences: tuple[Preference, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check it and make its rules. Weighers are put in one order, since sums of floats have one."""
        object.__setattr__(self, "filters", tuple(self.filters))
        object.__setattr__(self, "weighers", _in_order(dict(self.weighers)))
        self._check()
        rules = tuple(self._made(FILTERS[name]) for name in self.filters)
        object.__setattr__(self, "rules", rules + tuple(self.custom_filters))
        made = tuple(Preference(self._made(WEIGHERS[name]), by) for name, by in self.weighers.items())
        object.__setattr__(self, "preferences", made + tuple(self.custom_weighers))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Profile:
        """The profile that a document describes.

        With ``based_on`` (a preset), what it doesn't say is the preset's, weigher by weigher; without,
        it is that of ``spread``, and ``weighers`` are exactly those named. ``based_on`` isn't kept.
        Raises InvalidField.
        """
        values = profile_document.read(document)
        base = values.pop("based_on", None)
        if base is not None and base not in PRESETS:
            raise InvalidField("based_on", f"must be one of {', '.join(PRESETS)}")
        preset = PRESETS[base or "spread"]
        if base and "weighers" in values:
            values["weighers"] = {**preset.weighers, **values["weighers"]}
        return replace(preset, **{"name": "default", "version": 0, **values})

    def document(self) -> dict[str, Any]:
        """The profile as JSON values; ``from_document`` of it gives an equal profile."""
        numbers = {name: getattr(self, name) for name in profile_document.NUMBERS}
        return {
            "name": self.name,
            "version": self.version,
            "filters": list(self.filters),
            "weighers": dict(self.weighers),
            **numbers,
            "tie_break": self.tie_break,
        }

    def _made(self, rule: Any) -> Any:
        """A rule takes from the profile the fields that it has."""
        names = [f.name for f in fields(rule)] if is_dataclass(rule) else []
        return rule(**{name: getattr(self, name) for name in names})

    def _check(self) -> None:
        if self.version < 0:
            raise InvalidField("version", "must be 0 or more")
        for place, name in enumerate(self.filters):
            _check_name(f"filters.{place}", name, FILTERS)
            if name in self.filters[:place]:
                raise InvalidField(f"filters.{place}", f"names {name} a second time")
        for name, multiplier in self.weighers.items():
            _check_name(f"weighers.{name}", name, WEIGHERS)
            profile_document.number(f"weighers.{name}", multiplier)
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise InvalidField(name, f"must be from {low:g} to {high:g}")
        if self.bind_watermark >= self.keep_watermark:
            raise InvalidField("bind_watermark", "must be below keep_watermark")
        if self.tie_break not in TIE_BREAKS:
            raise InvalidField("tie_break", f"must be one of {', '.join(TIE_BREAKS)}")


def _check_name(path: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise InvalidField(path, f"{name} is unknown; known are {', '.join(known)}")


def _in_order(weighers: dict[str, float]) -> dict[str, float]:
    known = {name: weighers[name] for name in WEIGHERS if name in weighers}
    return {**known, **weighers}


SPREAD = Profile()
FIRST_FIT = replace(
    SPREAD,
    name="first_fit",
    weighers={**_SPREAD, "idle_capacity": 0.0, "creation_time": 1.0, "current_binding": 2.0},
    tie_margin=0.0,
    tie_break="created_at",
)
PACK = replace(SPREAD, name="pack", weighers={**_SPREAD, "idle_capacity": -1.0}, tie_margin=0.0)
PRESETS: Mapping[str, Profile] = {profile.name: profile for profile in (SPREAD, FIRST_FIT, PACK)}
