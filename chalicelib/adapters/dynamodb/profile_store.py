"""Profile store: profile documents; every version stays, the newest is in force."""

from __future__ import annotations

import json
from dataclasses import replace

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import lost_race
from chalicelib.model.errors import GenerationConflict
from chalicelib.scheduler.profile import PRESETS, SPREAD, Profile


class ProfileItem(Item):
    """One version of a profile."""

    noun = "profiles"
    profile_name = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(range_key=True)
    document = UnicodeAttribute()

    def profile(self) -> Profile:
        """The row as our noun."""
        return Profile.from_document(json.loads(self.document))


class DynamoProfileStore:
    """One item a version."""

    def __init__(self, database: Database) -> None:
        """Use the profile table of a database."""
        self._profiles = database.table(ProfileItem)

    def get(self, name: str = "default") -> Profile:
        """The version in force; a preset, ``spread`` for other names, if none was ever written."""
        return self._newest(name) or PRESETS.get(name, replace(SPREAD, name=name))

    def put(self, profile: Profile) -> Profile:
        """Write ``profile.version`` if the stored one is one less. Raises GenerationConflict."""
        newest = self._newest(profile.name)
        if (newest.version if newest else 0) != profile.version - 1:
            raise _written_since(profile)
        item = self._profiles(profile.name, profile.version, document=json.dumps(profile.document()))
        try:
            item.save(self._profiles.version.does_not_exist())
        except PutError as error:
            if lost_race(error):
                raise _written_since(profile) from error
            raise
        return profile

    def list(self) -> list[Profile]:
        """All that were written, in force, by name."""
        newest: dict[str, Profile] = {}
        for item in self._profiles.scan(consistent_read=True):
            profile = item.profile()
            if profile.name not in newest or newest[profile.name].version < profile.version:
                newest[profile.name] = profile
        return [newest[name] for name in sorted(newest)]

    def _newest(self, name: str) -> Profile | None:
        rows = self._profiles.query(name, consistent_read=True, scan_index_forward=False, limit=1)
        return next((row.profile() for row in rows), None)


def _written_since(profile: Profile) -> GenerationConflict:
    return GenerationConflict(f"Profile {profile.name} has no version {profile.version - 1} to follow.")
