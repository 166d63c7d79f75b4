"""Profiles: which filters, weighers and multipliers decide, for all zones or one, and their history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.model.identity import Caller
from chalicelib.model.refusals import all_refusals
from chalicelib.scheduler.profile import PRESETS, Profile
from chalicelib.scheduler.profile_version import (
    DEFAULT,
    ProfileVersion,
    default_in_force,
    in_force,
    lay_over,
    zone_of,
)
from chalicelib.service.ports import Clock, PodStore, ProfileStore

_OF_THE_ITEM = ("name", "version")


class ShownProfile(NamedTuple):
    """A profile as it decides, and its version as written; ``written`` None: nobody ever wrote it."""

    profile: Profile
    built_in: bool = False
    written: ProfileVersion | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """``default`` and zones' profiles over it, which operators write, and those that come with Trio2o.

    ``changed`` is called after each write, so that this process decides by it at once.
    """

    store: ProfileStore
    pods: PodStore
    clock: Clock
    changed: Callable[[], None] = lambda: None

    def list(self) -> list[ShownProfile]:
        """The default first, then the zones', then the built-in ones."""
        zones = [written for written in self.store.list() if zone_of(written.name) and not written.ended]
        default = self.store.newest(DEFAULT)
        return [
            ShownProfile(default_in_force(default), written=default),
            *(ShownProfile(in_force(default, zone), written=zone) for zone in zones),
            *(ShownProfile(preset, built_in=True) for preset in PRESETS.values()),
        ]

    def get(self, name: str) -> ShownProfile:
        """Raises NotFound, also for a zone without a profile of its own."""
        if name in PRESETS:
            return ShownProfile(PRESETS[name], built_in=True)
        written = self.store.newest(self._known(name))
        if name == DEFAULT:
            return ShownProfile(default_in_force(written), written=written)
        if written is None or written.ended:
            raise NotFound("Profile", name)
        return ShownProfile(in_force(self.store.newest(DEFAULT), written), written=written)

    def history(self, name: str) -> Sequence[ProfileVersion]:
        """All versions, oldest first. Raises NotFound for a zone that never had a profile."""
        versions = self.store.history(self._known(name))
        if not versions and name != DEFAULT:
            raise NotFound("Profile", name)
        return versions

    def version(self, name: str, version: int) -> ProfileVersion:
        """One version as it was written. Raises NotFound."""
        found = (written for written in self.history(name) if written.version == version)
        written = next(found, None)
        if written is None:
            raise NotFound("Profile", f"{name}, version {version},")
        return written

    def put(self, name: str, document: Mapping[str, Any], caller: Caller) -> ShownProfile:
        """Put a document in force; its ``version`` is the one that was read (0: none was ever written).

        What ``default`` leaves out is ``spread``'s; what a zone leaves out is the default's. Raises
        NotFound, Conflict for a built-in one or where a zone's profile would no longer fit,
        InvalidField with the path of what makes no sense, GenerationConflict when somebody wrote
        since.
        """
        self._writable(name)
        with all_refusals() as refusals:
            if "version" not in document:
                refusals.add("version", "is required: the version that was read")
            if document.get("name", name) != name:
                refusals.add("name", f"must be {name}, as in the path")
            with refusals.noted():
                kept = self._checked(name, document)
        newest = self._newest_version(name)
        if document["version"] != newest:
            raise GenerationConflict(
                f"the profile is at version {newest}, not {document['version']}: read it again",
                field="version",
            )
        return self._write(ProfileVersion(name, newest + 1, kept), caller)

    def proposed(self, name: str, document: Mapping[str, Any]) -> ProfileVersion:
        """The version that writing a document would put in force; nothing is written.

        Raises NotFound, InvalidField and Conflict as ``put`` does.
        """
        with all_refusals() as refusals:
            if document.get("name", name) != name:
                refusals.add("name", f"must be {name}, or left out")
            with refusals.noted():
                kept = self._checked(name, document)
        return ProfileVersion(name, self._newest_version(name) + 1, kept)

    def restore(self, name: str, version: int, caller: Caller) -> ShownProfile:
        """Put an older version in force again, as the next one.

        Raises NotFound, InvalidField for a version that never was, that ended the profile or that
        makes no sense any more, and what ``put`` raises.
        """
        newest = self._newest_version(name)
        old = next((written for written in self.history(name) if written.version == version), None)
        if old is None:
            raise InvalidField("version", f"{name} has no version {version}; the newest is {newest}")
        if old.ended:
            raise InvalidField("version", f"version {version} ended {name}: delete it to end it again")
        kept = self._checked(name, old.document)
        return self._write(ProfileVersion(name, newest + 1, kept, restored_from=version), caller)

    def end(self, name: str, caller: Caller) -> None:
        """End a zone's profile: the default decides there again; its history stays.

        Raises NotFound, Conflict for ``default`` and the built-in ones, GenerationConflict.
        """
        if self._writable(name) == DEFAULT:
            raise Conflict(f"{DEFAULT} always decides somewhere: write or restore it", field="name")
        written = self.store.newest(name)
        if written is None or written.ended:
            raise NotFound("Profile", name)
        self._write(ProfileVersion(name, written.version + 1, {}, ended=True), caller)

    def _known(self, name: str) -> str:
        if name != DEFAULT and zone_of(name) is None:
            raise NotFound("Profile", name)
        return name

    def _writable(self, name: str) -> str:
        if name in PRESETS:
            raise Conflict(f"{name} is built in: write {DEFAULT}, based_on {name}", field="name")
        return self._known(name)

    def _newest_version(self, name: str) -> int:
        newest = self.store.newest(self._writable(name))
        return newest.version if newest else 0

    def _checked(self, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document as it is kept: whole for the default, as written for a zone."""
        az_name = zone_of(name)
        if az_name is None:
            asked = Profile.from_document(document)
            self._refuse_misfits(asked)
            return {key: value for key, value in asked.document().items() if key not in _OF_THE_ITEM}
        if all(pod.az_name != az_name for pod in self.pods.list()):
            raise InvalidField("name", f"no pod is in the zone {az_name}")
        lay_over(default_in_force(self.store.newest(DEFAULT)), name, 0, document)
        return {key: value for key, value in document.items() if key not in _OF_THE_ITEM}

    def _refuse_misfits(self, default: Profile) -> None:
        """Raise Conflict for a default over which a zone's profile would make no sense."""
        for zone in self.store.list():
            if zone_of(zone.name) is None:
                continue
            try:
                lay_over(default, zone.name, zone.version, zone.document)
            except InvalidField as error:
                message = f"{zone.name} would no longer fit over it: {error.field} {error}"
                raise Conflict(message, field=error.field) from error

    def _write(self, written: ProfileVersion, caller: Caller) -> ShownProfile:
        signed = replace(
            written, at=self.clock(), user_id=caller.identity.user_id, request_id=caller.request_id
        )
        self.store.put(signed)
        self.changed()
        if signed.name == DEFAULT:
            return ShownProfile(default_in_force(signed), written=signed)
        return ShownProfile(in_force(self.store.newest(DEFAULT), signed), written=signed)
