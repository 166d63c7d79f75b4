"""Microversion: which version of the compute API a request asks for (Nova's API reference)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.model.errors import InvalidField, NotAcceptable

MICROVERSION_HEADERS = ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version")
_NUMBER = re.compile(r"([1-9]\d*)\.([1-9]\d*|0)")


class Microversion(NamedTuple):
    """A version of the compute API; 2.1 where nothing is asked for."""

    major: int = 2
    minor: int = 1

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    def headers(self) -> dict[str, str]:
        """The two headers by which Nova is asked for it."""
        return {"openstack-api-version": f"compute {self}", "x-openstack-nova-api-version": str(self)}


class Range(NamedTuple):
    """What all pods speak."""

    low: Microversion
    high: Microversion


def parse(text: str) -> Microversion:
    """Read ``2.90``. Raises InvalidField."""
    found = _NUMBER.fullmatch(text)
    if not found:
        raise InvalidField(
            "OpenStack-API-Version",
            f"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum.",
        )
    return Microversion(int(found[1]), int(found[2]))


def asked_for(headers: Mapping[str, str], spoken: tuple[str, str]) -> Microversion:
    """The version that a request names, ``latest`` being the highest that all pods speak.

    The newer header wins, and may name several services. Raises InvalidField, or NotAcceptable
    outside the range.
    """
    text = _named(headers)
    pods = Range(parse(spoken[0]), parse(spoken[1]))
    if not text:
        return Microversion()
    if text == "latest":
        return pods.high
    version = parse(text)
    if not pods.low <= version <= pods.high:
        raise NotAcceptable(
            f"Version {version} is not supported by the API. "
            f"Minimum is {pods.low} and maximum is {pods.high}."
        )
    return version


def _named(headers: Mapping[str, str]) -> str:
    for part in headers.get("openstack-api-version", "").split(","):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "compute":
            return version.strip().lower()
    return headers.get("x-openstack-nova-api-version", "").strip().lower()
