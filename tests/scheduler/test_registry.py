from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

import pytest

from chalicelib.scheduler.parameter import Parameter, parameter
from chalicelib.scheduler.profile_document import with_parameters
from chalicelib.scheduler.registry import rule_of
from chalicelib.scheduler.rule import Filter


@dataclass(frozen=True)
class Night(Filter):
    """Reject nobody."""

    night_hours: float = parameter(0.0, low=0.0, high=24.0, doc="how long nights are")
    name: ClassVar[str] = "night"
    sentences: ClassVar[dict[str, str]] = {}

    def reject(self, pod, spec):
        return None


class Plain(Night):
    """No dataclass of its own."""


@dataclass(frozen=True)
class Misnamed(Night):
    """Not called as its module."""

    name: ClassVar[str] = "nacht"


@dataclass(frozen=True)
class Fixed(Night):
    """Has a number that no profile can set."""

    hours: float = 3.0


class Stranger:
    """No filter at all."""


def module_with(*classes):
    module = ModuleType("filters.night")
    for each in classes:
        copied = type(each.__name__, each.__bases__, {**vars(each), "__module__": module.__name__})
        setattr(module, each.__name__, copied)
    return module


def test_a_module_registers_the_rule_that_it_defines():
    assert rule_of(module_with(Night, Stranger), Filter).__name__ == "Night"


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ((), "filters.night must define one Filter, and defines 0"),
        ((Stranger,), "must define one Filter, and defines 0"),
        ((Night, Misnamed), "must define one Filter, and defines 2"),
        ((Plain,), "Plain must be a frozen dataclass"),
        ((Misnamed,), 'Misnamed must have the name of its module: name = "night"'),
        ((Fixed,), "neither a parameter.* nor a ClassVar: hours"),
    ],
)
def test_what_can_not_be_registered_is_refused_in_words(classes, words):
    with pytest.raises(TypeError, match=words):
        rule_of(module_with(*classes), Filter)


@pytest.mark.parametrize("key", ["version", "name", "filters", "weighers", "tie_margin", "based_on"])
def test_a_parameter_is_not_called_as_another_field_of_the_profile(key):
    with pytest.raises(TypeError, match=f"can't be called {key}"):
        with_parameters({key: Parameter(0.0, 0.0, 1.0, "another meaning")})
