"""Profile cache: the profiles in force, read once in a while and not at each create."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.scheduler.profile import Profile
from chalicelib.service.ports import Clock, ProfilesInForce

MOST_ZONES = 1000


class ProfileCache:
    """What decides in each zone, at most ``cache_seconds`` old.

    So an operator's change is in force everywhere within that time, and at once in the process that
    took it, which forgets.
    """

    def __init__(self, profiles: ProfilesInForce, clock: Clock, cache_seconds: float) -> None:
        """Read at the first need."""
        self._profiles, self._clock = profiles, clock
        self._keep = timedelta(seconds=cache_seconds)
        self._known: dict[str, tuple[datetime, Profile]] = {}

    def get(self, az_name: str | None = None) -> Profile:
        """What decides in a zone; without one the default."""
        now, zone = self._clock(), az_name or ""
        known = self._known.get(zone)
        if known is not None and timedelta(0) <= now - known[0] < self._keep:
            return known[1]
        profile = self._profiles.get(az_name)
        # Any text may be asked for as a zone: what isn't one must not fill the memory.
        if len(self._known) >= MOST_ZONES:
            self._known.clear()
        self._known[zone] = (now, profile)
        return profile

    def forget(self) -> None:
        """Read again at the next need: an operator changed something in this process."""
        self._known.clear()
