"""Registry: the rules there are. Each is named by its module; a new rule is its module and one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from chalicelib.scheduler.parameter import parameters_of_all
from chalicelib.scheduler.rule import About, Filter, Weigher

# In the order in which they run when a profile doesn't say: the first that rejects a pod is the one told.
_FILTERS = (
    "all_pods",
    "bottom_pod",
    "availability_zone",
    "pod_state",
    "breaker",
    "project_access",
    "resource_affinity",
    "flavor",
    "locality",
    "capacity",
    "retry",
)
_WEIGHERS = (
    "idle_capacity",
    "creation_time",
    "current_binding",
    "static_weight",
    "build_failure",
    "freshness",
)


def _classes(folder: str, names: tuple[str, ...]) -> Iterator[type]:
    for name in names:
        module = import_module(f"{__package__}.{folder}.{name}")
        yield from (
            found
            for found in vars(module).values()
            if isinstance(found, type) and found.__module__ == module.__name__
        )


FILTERS: Mapping[str, type[Filter]] = {
    rule.name: rule for rule in _classes("filters", _FILTERS) if issubclass(rule, Filter)
}
WEIGHERS: Mapping[str, type[Weigher]] = {
    rule.name: rule for rule in _classes("weighers", _WEIGHERS) if issubclass(rule, Weigher)
}
PARAMETERS = parameters_of_all([*FILTERS.values(), *WEIGHERS.values()])


def filters_about(*subjects: About) -> tuple[Filter, ...]:
    """The filters that ask about one of these, with their parameters' defaults."""
    return tuple(rule() for rule in FILTERS.values() if rule.about in subjects)
