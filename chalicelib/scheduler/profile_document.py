"""Profile document: the fields of what an operator writes, with their types and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from sys import float_info
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import MOST_ENTRIES, Reader, mapping, number, one_of, read_fields, text, whole
from chalicelib.model.refusals import all_refusals
from chalicelib.scheduler.parameter import Parameter
from chalicelib.scheduler.presets import DOCUMENTS
from chalicelib.scheduler.registry import FILTERS, PARAMETERS, WEIGHERS

LONGEST_NAME = 260  # a zone's profile is "zone:" and the zone


class TieBreak(StrEnum):
    """Who wins among pods that tie: by a HASH projects spread over them; by CREATED_AT the oldest wins."""

    HASH = "hash"
    CREATED_AT = "created_at"


def read(document: object) -> dict[str, Any]:
    """A document's fields, each of the right type and within its bounds.

    Raises InvalidField with the paths of all fields that are unknown or wrong.
    """
    if not isinstance(document, Mapping):
        raise InvalidField("profile", "must be an object")
    return read_fields(document, READERS)


def _filters(path: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidField(path, "must be a list of names")
    if len(value) > MOST_ENTRIES:
        raise InvalidField(path, f"must have at most {MOST_ENTRIES} entries")
    with all_refusals() as refusals:
        for place, name in enumerate(value):
            with refusals.noted():
                _known(FILTERS)(f"{path}.{place}", name)
            if name in value[:place]:
                refusals.add(f"{path}.{place}", f"names {name} a second time")
    return tuple(value)


def _known(names: Mapping[str, object]) -> Reader:
    """A text that is one of some names."""

    def read_name(path: str, value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise InvalidField(path, f"{value} is unknown; known are {', '.join(names)}")
        return value

    return read_name


def with_parameters(parameters: Mapping[str, Parameter]) -> Mapping[str, Reader]:
    """The reader of each field. Raises TypeError when a rule's parameter has the name of another field."""
    if taken := _OWN.keys() & parameters:
        raise TypeError(
            f"a rule's parameter can't be called {', '.join(sorted(taken))}: the profile has that"
        )
    return {**_OWN, **{name: number(declared.low, declared.high) for name, declared in parameters.items()}}


_OWN: Mapping[str, Reader] = {
    "name": text(LONGEST_NAME),
    "version": whole(),
    "based_on": _known(DOCUMENTS),
    "filters": _filters,
    "weighers": mapping(number(-float_info.max, float_info.max), keys=tuple(WEIGHERS)),
    "tie_margin": number(0.0, 1e6),
    "tie_break": one_of(TieBreak),
}
READERS = with_parameters(PARAMETERS)
