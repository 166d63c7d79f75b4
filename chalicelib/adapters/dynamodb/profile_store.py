"""Profile store: profile documents. Every version is kept, and the newest is in force."""

from __future__ import annotations

import json

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.exceptions import TransactWriteError

from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.transaction import lost_race, transaction
from chalicelib.model.errors import GenerationConflict
from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.profile_version import DEFAULT, ProfileVersion, in_force, name_for


class ProfileItem(Item):
    """One version of a profile. Versions from before history was kept have no time and no author."""

    noun = "profiles"
    profile_name = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(range_key=True)
    document = UnicodeAttribute()
    written_at = UTCDateTimeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    request_id = UnicodeAttribute(null=True)
    restored_from = NumberAttribute(null=True)
    ended = BooleanAttribute(null=True)

    def profile_version(self) -> ProfileVersion:
        return ProfileVersion(
            name=self.profile_name,
            version=int(self.version),
            document=json.loads(self.document),
            at=self.written_at,
            user_id=self.user_id or "",
            request_id=self.request_id or "",
            restored_from=None if self.restored_from is None else int(self.restored_from),
            ended=bool(self.ended),
        )


class DynamoProfileStore:
    """Keeps one item for each version."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._profiles = database.table(ProfileItem)

    def get(self, az_name: str | None = None) -> Profile:
        """The profile in force for a zone: its own, laid over the default; else the default alone."""
        return in_force(self.newest(DEFAULT), self.newest(name_for(az_name)) if az_name else None)

    def newest(self, name: str) -> ProfileVersion | None:
        """The latest version of a profile, read strongly, also if it ended; None if it was never written."""
        items = self._profiles.query(name, consistent_read=True, scan_index_forward=False, limit=1)
        return next((item.profile_version() for item in items), None)

    def put(self, written: ProfileVersion) -> ProfileVersion:
        """Write a version, if the newest stored one is one less. Raises GenerationConflict."""
        newest = self.newest(written.name)
        if (newest.version if newest else 0) != written.version - 1:
            raise _written_since(written)
        item = self._profiles(
            written.name,
            written.version,
            document=json.dumps(dict(written.document)),
            written_at=written.at,
            user_id=written.user_id,
            request_id=written.request_id,
            restored_from=written.restored_from,
            ended=written.ended,
        )
        try:
            with transaction(self._database) as write:
                write.save(item, self._profiles.version.does_not_exist())
        except TransactWriteError as error:
            if lost_race(error):
                raise _written_since(written) from error
            raise
        return written

    def history(self, name: str) -> list[ProfileVersion]:
        """All versions of a profile, oldest first."""
        return [item.profile_version() for item in self._profiles.query(name, consistent_read=True)]

    def list(self) -> list[ProfileVersion]:
        """The latest version of each profile, sorted by name."""
        newest: dict[str, ProfileVersion] = {}
        for item in self._profiles.scan(consistent_read=True):
            known = newest.get(item.profile_name)
            if known is None or known.version < item.version:
                newest[item.profile_name] = item.profile_version()
        return [newest[name] for name in sorted(newest)]


def _written_since(written: ProfileVersion) -> GenerationConflict:
    message = f"Profile {written.name} has no version {written.version - 1} to follow."
    return GenerationConflict(message, field="version")
