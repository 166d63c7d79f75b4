"""Trusted: readers for what pods say. Each raises UntrustedReport for a value that can't be true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.model import fields
from chalicelib.model.errors import InvalidField, UntrustedReport
from chalicelib.model.json_values import read_json

MOST = 2**53  # the largest whole number that JSON carries exactly
MOST_VCPUS = 10**9
MOST_RATIO = 10**6
_MOST_TEXT = 4096
_AN_OBJECT = fields.an_object()
_A_RATIO = fields.number(0, MOST_RATIO, above_low=True)


def document(body: bytes, what: str) -> Mapping[str, Any]:
    """The JSON object of a body. Anything else is refused, and what no client could read."""
    try:
        read = read_json(body)
    except ValueError as error:
        raise UntrustedReport(f"{what} is not JSON") from error
    return mapping(read, what)


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """Read a value that must be a JSON object."""
    believed: Mapping[str, Any] = _believed(_AN_OBJECT, value, what)
    return believed


def rows(value: object, what: str) -> list[Mapping[str, Any]]:
    """Read a value that must be a list of JSON objects."""
    if not isinstance(value, list):
        raise UntrustedReport(f"{what} is not a list")
    return [mapping(row, what) for row in value]


def whole(value: object, what: str, most: int = MOST) -> int:
    """Read a whole number from 0 to ``most``."""
    return int(_believed(fields.whole(0, most), value, what))


def ratio(value: object, what: str) -> float:
    """Read an allocation ratio, which must be over 0."""
    return float(_believed(_A_RATIO, value, what))


def text(value: object, what: str) -> str:
    """Read a text of any characters that is neither empty nor absurdly long."""
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        raise UntrustedReport(f"{what} is not a text: {str(value)[:40]}")
    return value


def _believed(reader: fields.Reader, value: object, what: str) -> Any:
    try:
        return reader(what, value)
    except InvalidField as refused:
        raise UntrustedReport(f"{what} {refused}: {str(value)[:40]}") from refused
