"""Profile store in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.model.errors import GenerationConflict
from chalicelib.scheduler.profile import PRESETS, SPREAD, Profile


class MemoryProfileStore:
    """The version in force of each profile."""

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        """Start with these in force."""
        self._profiles = {profile.name: profile for profile in profiles}

    def get(self, name: str = "default") -> Profile:
        """The version in force; a preset, ``spread`` for other names, if none was ever written."""
        return self._profiles.get(name) or PRESETS.get(name, replace(SPREAD, name=name))

    def put(self, profile: Profile) -> Profile:
        """Write ``profile.version`` if the stored one is one less. Raises GenerationConflict."""
        stored = self._profiles.get(profile.name)
        if (stored.version if stored else 0) != profile.version - 1:
            message = f"Profile {profile.name} has no version {profile.version - 1} to follow."
            raise GenerationConflict(message)
        self._profiles[profile.name] = profile
        return profile

    def list(self) -> list[Profile]:
        """All that were written, in force, by name."""
        return [self._profiles[name] for name in sorted(self._profiles)]
