"""Sentences: a rejection in words, built when somebody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from chalicelib.scheduler.registry import FILTERS
from chalicelib.scheduler.rule import Filter, Rejection


class _Percent(Formatter):
    """Writes a fraction as ``{:%}`` with up to two decimals and no needless zero: 97%, 95.01%."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "%":
            return f"{round(value * 100, 2):g}%"
        return str(super().format_field(value, format_spec))


def sentence(rejection: Rejection, filters: Mapping[str, type[Filter]] = FILTERS) -> str:
    """What a rejection says of its pod, with its numbers: "vcpus would be 97% full, limit 95%".

    For operators. A filter or code that isn't known any more is told by its bare name and numbers.
    """
    known = filters.get(rejection.filter)
    template = known.sentences.get(rejection.code) if known else None
    try:
        if template is not None:
            return _Percent().format(template, *rejection.numbers)
    except (IndexError, TypeError, ValueError):  # kept by another version of the filter
        pass
    numbers = ", ".join(str(number) for number in rejection.numbers)
    return f"{rejection.filter}: {rejection.code}" + (f" ({numbers})" if numbers else "")


def reason_for_tenants(filter_name: str, filters: Mapping[str, type[Filter]] = FILTERS) -> str:
    """Why a filter stops pods, as a tenant may read it: no pod, no number, no other project."""
    known = filters.get(filter_name)
    return known.reason if known else Filter.reason
