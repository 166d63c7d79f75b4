"""Profile store in memory."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.model.errors import GenerationConflict
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import DEFAULT, ProfileVersion, in_force, name_for


class MemoryProfileStore:
    """Keeps every version of each profile."""

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        """``profiles`` are in force from the start."""
        self._written = {p.name: [ProfileVersion(p.name, p.version, p.document())] for p in profiles}

    def get(self, az_name: str | None = None) -> Profile:
        """The profile in force for a zone: its own, laid over the default; else the default alone."""
        return in_force(self.newest(DEFAULT), self.newest(name_for(az_name)) if az_name else None)

    def newest(self, name: str) -> ProfileVersion | None:
        """The latest version of a profile, also if it ended; None if it was never written."""
        return next(iter(self._written.get(name, [])[-1:]), None)

    def put(self, written: ProfileVersion) -> ProfileVersion:
        """Write a version, if the newest stored one is one less. Raises GenerationConflict."""
        newest = self.newest(written.name)
        if (newest.version if newest else 0) != written.version - 1:
            message = f"Profile {written.name} has no version {written.version - 1} to follow."
            raise GenerationConflict(message, field="version")
        self._written.setdefault(written.name, []).append(written)
        return written

    def history(self, name: str) -> list[ProfileVersion]:
        """All versions of a profile, oldest first."""
        return list(self._written.get(name, ()))

    def list(self) -> list[ProfileVersion]:
        """The latest version of each profile, sorted by name."""
        return [self._written[name][-1] for name in sorted(self._written)]
