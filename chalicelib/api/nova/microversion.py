"""Microversion: which version of the compute API a request asks for (Nova's API reference)."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.model.errors import InvalidField, NotAcceptable
from chalicelib.model.microversion import Microversion, MicroversionRange

MICROVERSION_HEADERS = ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version")
UNVERSIONED = Microversion(2, 1)  # where nothing is asked for


def headers_of(version: Microversion) -> dict[str, str]:
    """The two headers by which Nova is asked for it."""
    return {"openstack-api-version": f"compute {version}", "x-openstack-nova-api-version": str(version)}


def asked_for(headers: Mapping[str, str], spoken: MicroversionRange) -> Microversion:
    """The version that a request names, ``latest`` being the highest that all pods speak.

    The newer header wins, and may name several services. Raises InvalidField, or NotAcceptable
    outside the range.
    """
    text = _named(headers)
    if not text:
        return UNVERSIONED
    if text == "latest":
        return spoken.high
    try:
        version = Microversion.parse(text)
    except ValueError as error:
        raise InvalidField(
            MICROVERSION_HEADERS[0],
            f"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum.",
        ) from error
    if not spoken.speaks(version):
        raise NotAcceptable(
            f"Version {version} is not supported by the API. "
            f"Minimum is {spoken.low} and maximum is {spoken.high}."
        )
    return version


def _named(headers: Mapping[str, str]) -> str:
    for part in headers.get("openstack-api-version", "").split(","):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "compute":
            return version.strip().lower()
    return headers.get("x-openstack-nova-api-version", "").strip().lower()
