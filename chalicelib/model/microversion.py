"""Microversion: a version of an OpenStack API, by which a client asks for what it knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.model.pod import Pod

_NUMBERS = re.compile(r"([1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)


class Microversion(NamedTuple):
    """Two numbers, which are compared as such: 2.100 is newer than 2.96."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Microversion:
        """Read a text such as ``2.90``. Raises ValueError."""
        found = _NUMBERS.fullmatch(text)
        if found is None:
            raise ValueError(f"{text[:40]} is no microversion")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class MicroversionRange(NamedTuple):
    """The lowest and the highest version that are spoken; ``latest`` means the highest."""

    low: Microversion
    high: Microversion

    @classmethod
    def parse(cls, low: str, high: str) -> MicroversionRange:
        """Read both ends. Raises ValueError, also when they are the wrong way round."""
        spoken = cls(Microversion.parse(low), Microversion.parse(high))
        if spoken.low > spoken.high:
            raise ValueError(f"{spoken} is no range")
        return spoken

    def speaks(self, version: Microversion) -> bool:
        """Whether a version is in it."""
        return self.low <= version <= self.high

    def covers(self, other: MicroversionRange) -> bool:
        """Whether all of another range is in it."""
        return self.low <= other.low and other.high <= self.high

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"


def spoken_by(pod: Pod) -> MicroversionRange | None:
    """The compute microversions of a pod; None while they are unknown.

    A record that an older refresh wrote may hold what can't be read. It counts as unknown, since one pod's
    record must not break the requests to all others.
    """
    try:
        return MicroversionRange.parse(pod.min_microversion, pod.max_microversion)
    except ValueError:
        return None


def speaks(pod: Pod, version: Microversion) -> bool:
    """Whether a pod is known to speak a compute microversion."""
    spoken = spoken_by(pod)
    return spoken is not None and spoken.speaks(version)


WITH_TAGS = Microversion(2, 26)  # from here on servers show their tags, and may be selected by them


def spoken_by_all(pods: Iterable[Pod]) -> MicroversionRange | None:
    """What all proven pods speak whose versions are known; None when none's are."""
    known = [spoken for pod in pods if pod.proven and (spoken := spoken_by(pod))]
    if not known:
        return None
    return MicroversionRange(max(spoken.low for spoken in known), min(spoken.high for spoken in known))
