"""Parameter: a number of a rule that a profile may set. It is declared once, as a field of the rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, fields
from typing import Any, NamedTuple

from chalicelib.scheduler.rule import Rule

_KEY = "parameter"


class Parameter(NamedTuple):
    """What a rule counts with when the profile doesn't say, and the bounds, both included, when it does.

    ``doc`` says what the number means, in what unit.
    """

    default: float
    low: float
    high: float
    doc: str


def parameter(default: float, *, low: float, high: float, doc: str) -> Any:
    """A rule's field that is a key of the profile's document.

    ``hours: float = parameter(24.0, low=0.0, high=8760.0, doc="...")``.
    """
    return field(default=default, metadata={_KEY: Parameter(default, low, high, doc)})


def parameters_of(rule: type[Rule]) -> dict[str, Parameter]:
    """The parameters that a rule declares, by name."""
    return {f.name: f.metadata[_KEY] for f in fields(rule) if _KEY in f.metadata}


def parameters_of_all(rules: Iterable[type[Rule]]) -> Mapping[str, Parameter]:
    """The parameters of some rules; rules that share one must declare it alike, since a profile sets it once.

    Raises TypeError when they don't.
    """
    found: dict[str, Parameter] = {}
    for rule in rules:
        for name, declared in parameters_of(rule).items():
            if found.setdefault(name, declared) != declared:
                raise TypeError(f"{rule.__name__} declares {name} otherwise than another rule does")
    return found
