"""Registry: the rules there are. Each is named by its module; a new rule is its module and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from types import ModuleType
from typing import TypeVar

from chalicelib.scheduler.parameter import parameters_of, parameters_of_all
from chalicelib.scheduler.rule import About, Filter, Rule, Weigher

R = TypeVar("R", bound=Rule)

# In the order in which they run when a profile doesn't say: the first that rejects a pod is the one told.
_FILTERS = (
    "all_pods",
    "bottom_pod",
    "availability_zone",
    "pod_state",
    "breaker",
    "project_access",
    "resource_affinity",
    "proven",
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


def rule_of(module: ModuleType, base: type[R]) -> type[R]:
    """The one rule that a module defines. Raises TypeError for what would else be passed over in silence."""
    own = [found for found in vars(module).values() if getattr(found, "__module__", "") == module.__name__]
    rules = [found for found in own if isinstance(found, type) and issubclass(found, base)]
    if len(rules) != 1:
        raise TypeError(f"{module.__name__} must define one {base.__name__}, and defines {len(rules)}")
    rule, name = rules[0], module.__name__.rpartition(".")[2]
    if "__dataclass_params__" not in vars(rule):
        raise TypeError(f"{rule.__name__} must be a frozen dataclass")
    if getattr(rule, "name", None) != name:
        raise TypeError(f'{rule.__name__} must have the name of its module: name = "{name}"')
    if others := {field.name for field in fields(rule)} - parameters_of(rule).keys():
        raise TypeError(
            f"{rule.__name__}: neither a parameter(...) nor a ClassVar: {', '.join(sorted(others))}"
        )
    return rule


def _all(folder: str, base: type[R], names: tuple[str, ...]) -> Mapping[str, type[R]]:
    return {name: rule_of(import_module(f"{__package__}.{folder}.{name}"), base) for name in names}


# An abstract class may be named here: only its subclasses are made.
FILTERS: Mapping[str, type[Filter]] = _all("filters", Filter, _FILTERS)  # type: ignore[type-abstract]
WEIGHERS: Mapping[str, type[Weigher]] = _all("weighers", Weigher, _WEIGHERS)  # type: ignore[type-abstract]
PARAMETERS = parameters_of_all([*FILTERS.values(), *WEIGHERS.values()])


def filters_about(*subjects: About) -> tuple[Filter, ...]:
    """The filters that ask about one of these, with their parameters' defaults."""
    return tuple(rule() for rule in FILTERS.values() if rule.about in subjects)
