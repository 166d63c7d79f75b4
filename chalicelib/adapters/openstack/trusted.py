"""Trusted: values from a pod, believed only when they can be true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

from chalicelib.model.errors import UntrustedReport

MOST = 2**53  # the largest whole number that JSON carries exactly
MOST_VCPUS = 10**9
MOST_RATIO = 10**6
_MOST_TEXT = 4096


def document(body: bytes, what: str) -> Mapping[str, Any]:
    """A JSON object. Raises UntrustedReport for anything else, NaN and Infinity included."""
    try:
        read = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UntrustedReport(f"{what} is not JSON") from error
    return mapping(read, what)


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise UntrustedReport(f"{what} is not an object")
    return value


def rows(value: object, what: str) -> list[Mapping[str, Any]]:
    """A JSON list of objects."""
    if not isinstance(value, list):
        raise UntrustedReport(f"{what} is not a list")
    return [mapping(row, what) for row in value]


def whole(value: object, what: str, most: int = MOST) -> int:
    """A whole number from 0; a bool is none in JSON, though it is in Python."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UntrustedReport(f"{what} is not a whole number: {str(value)[:40]}")
    if not 0 <= value <= most:
        raise UntrustedReport(f"{what} can't be {value}")
    return value


def ratio(value: object, what: str) -> float:
    """An allocation ratio, over 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UntrustedReport(f"{what} is not a number: {str(value)[:40]}")
    if not isfinite(value) or not 0 < value <= MOST_RATIO:
        raise UntrustedReport(f"{what} can't be {value}")
    return float(value)


def text(value: object, what: str) -> str:
    """A text of a sane length, not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        raise UntrustedReport(f"{what} is not a text: {str(value)[:40]}")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
