"""Nova's version documents and microversion negotiation."""

from __future__ import annotations

import re

from local.standin.message import Fault, Json, Request

MIN_MINOR, MAX_MINOR = 1, 96


def write_versions(origin: str) -> Json:
    """The versions document, which is at the root."""
    return {"versions": [write_version(origin)]}


def write_version(origin: str) -> Json:
    """The document of v2.1."""
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": f"2.{MAX_MINOR}",
        "min_version": f"2.{MIN_MINOR}",
        "updated": "2013-07-23T11:33:21Z",
        "links": [
            {"rel": "self", "href": f"{origin}/compute/v2.1/"},
            {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"},
        ],
        "media-types": [
            {"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}
        ],
    }


def read_minor(request: Request) -> int:
    """The minor number of the microversion asked for, 1 if none is.

    Raises Fault 400 for what is no version, and 406 outside the range of this Nova.
    """
    asked = _asked(request)
    if asked is None:
        return MIN_MINOR
    if asked == "latest":
        return MAX_MINOR
    match = re.fullmatch(r"([1-9]\d*)\.([1-9]\d*|0)", asked)
    if match is None:
        raise Fault(
            400, f"API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum."
        )
    minor = int(match[2])
    if match[1] != "2" or not MIN_MINOR <= minor <= MAX_MINOR:
        raise Fault(
            406,
            f"Version {asked} is not supported by the API. "
            f"Minimum is 2.{MIN_MINOR} and maximum is 2.{MAX_MINOR}.",
        )
    return minor


def _asked(request: Request) -> str | None:
    for part in (request.header("OpenStack-API-Version") or "").split(","):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "compute":
            return version.strip()
    return request.header("X-OpenStack-Nova-API-Version")


def version_headers(minor: int) -> dict[str, str]:
    """The headers with which every reply tells its microversion."""
    return {
        "OpenStack-API-Version": f"compute 2.{minor}",
        "X-OpenStack-Nova-API-Version": f"2.{minor}",
        "Vary": "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
    }
