"""Microversion: which version of a service's API a request asks for (OpenStack's API guideline)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.model.errors import InvalidField, NotAcceptable
from chalicelib.model.microversion import Microversion, MicroversionRange

STANDARD_HEADER = "OpenStack-API-Version"


@dataclass(frozen=True, slots=True)
class Versioning:
    """How a service names its versions.

    ``service`` is its name in the standard header, which may name several services; ``own_header`` the
    older header of this one alone, empty where it has none. ``unversioned`` is the version of a request
    that names none. An API that is older than these headers has ``is_fixed``: it has that version alone,
    doesn't heed them and doesn't answer with them.
    """

    service: str
    own_header: str
    unversioned: Microversion
    is_fixed: bool = False

    def headers(self, version: Microversion) -> dict[str, str]:
        """The headers that name a version: to a pod in a request, to a client in an answer."""
        if self.is_fixed:
            return {}
        named = {STANDARD_HEADER: f"{self.service} {version}", self.own_header: str(version)}
        return {name: value for name, value in named.items() if name}

    def stated(self, headers: Mapping[str, str], version: Microversion) -> dict[str, str]:
        """A request's headers, naming this version and no other."""
        names = (STANDARD_HEADER.lower(), self.own_header.lower())
        others = {name: value for name, value in headers.items() if name not in names}
        return {**others, **{name.lower(): value for name, value in self.headers(version).items()}}

    def asked_for(self, headers: Mapping[str, str], spoken: MicroversionRange) -> Microversion:
        """The version that a request names, ``latest`` being the highest that all pods speak.

        The standard header wins over the older one, and the last version that a header names over those
        before it. Raises InvalidField, or NotAcceptable outside the range.
        """
        text = self._named(headers)
        if not text or self.is_fixed:
            return self.unversioned
        if text == "latest":
            return spoken.high
        try:
            version = Microversion.parse(text)
        except ValueError as error:
            raise InvalidField(
                STANDARD_HEADER,
                f"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum.",
            ) from error
        if not spoken.speaks(version):
            raise NotAcceptable(
                f"Version {version} is not supported by the API. "
                f"Minimum is {spoken.low} and maximum is {spoken.high}."
            )
        return version

    def of(self, headers: Mapping[str, str]) -> Microversion:
        """The version that an answer names: the one asked for, though it may not be served."""
        try:
            return Microversion.parse(self._named(headers))
        except ValueError:
            return self.unversioned

    def _named(self, headers: Mapping[str, str]) -> str:
        for part in reversed(headers.get(STANDARD_HEADER.lower(), "").split(",")):
            service, _, version = part.strip().partition(" ")
            if service.lower() == self.service:
                return version.strip().lower()
        return headers.get(self.own_header.lower(), "").rpartition(",")[2].strip().lower()
