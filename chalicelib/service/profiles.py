"""Profiles: which filters, weighers and multipliers decide, and the next version of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chalicelib.model.errors import Conflict, GenerationConflict, InvalidField, NotFound
from chalicelib.scheduler.profile import PRESETS, Profile
from chalicelib.service.ports import ProfileStore

IN_FORCE = "default"


class ShownProfile(NamedTuple):
    """A profile, and whether it is one of ours, which nobody can write."""

    profile: Profile
    built_in: bool


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profile in force, ``default``, and those that come with Trio2o."""

    store: ProfileStore

    def list(self) -> list[ShownProfile]:
        """The one in force first."""
        return [self.get(IN_FORCE), *(ShownProfile(preset, built_in=True) for preset in PRESETS.values())]

    def get(self, name: str) -> ShownProfile:
        """Raises NotFound."""
        if name in PRESETS:
            return ShownProfile(PRESETS[name], built_in=True)
        if name != IN_FORCE:
            raise NotFound("Profile", name)
        return ShownProfile(replace(self.store.get(IN_FORCE), name=IN_FORCE), built_in=False)

    def put(self, name: str, document: Mapping[str, Any]) -> Profile:
        """Put a document in force; its ``version`` is the one that was read (0: none was ever written).

        What it leaves out is ``spread``'s. Raises NotFound, Conflict for a built-in one,
        InvalidField with the path of what makes no sense, GenerationConflict when somebody wrote
        since.
        """
        if self.get(name).built_in:
            raise Conflict(f"{name} is built in: write {IN_FORCE}, based_on {name}", field="name")
        if "version" not in document:
            raise InvalidField("version", "is required: the version that was read")
        asked = Profile.from_document(document)
        if asked.name != name:
            raise InvalidField("name", f"must be {name}, as in the path")
        held = self.store.get(name).version
        if asked.version != held:
            raise GenerationConflict(
                f"the profile is at version {held}, not {asked.version}: read it again", field="version"
            )
        return self.store.put(replace(asked, version=held + 1))
