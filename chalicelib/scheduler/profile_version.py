"""Profile version: one write of a profile's document, and how a zone's is laid over the default's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.refusals import all_refusals
from chalicelib.scheduler import profile_document
from chalicelib.scheduler.profile import SPREAD, Profile

DEFAULT = "default"
_ZONE = "zone:"


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """What one write left; the newest version of a name counts, and ``ended`` means: no override now.

    ``document`` is whole for ``default``; a zone's is as the operator wrote it and names only what
    differs. Versions count from 1 without gaps. ``at`` (aware) is None for what was written before
    history was kept. ``restored_from`` is the version that was brought back.
    """

    name: str
    version: int
    document: Mapping[str, Any]
    at: datetime | None = None
    user_id: str = ""
    request_id: str = ""
    restored_from: int | None = None
    ended: bool = False


def name_for(az_name: str) -> str:
    """What a zone's profile is called."""
    return _ZONE + az_name


def zone_of(name: str) -> str | None:
    """The zone that a profile is for; None when it is no zone's."""
    return name.removeprefix(_ZONE) if name.startswith(_ZONE) and name != _ZONE else None


def lay_over(base: Profile, name: str, version: int, document: Mapping[str, Any]) -> Profile:
    """The base with what a zone's document says; its weighers one by one, its filters as a whole.

    Raises InvalidField with the paths of what makes no sense, by itself or on this base.
    """
    with all_refusals() as refusals:
        if "based_on" in document:
            refusals.add("based_on", f"a zone's profile is laid over {DEFAULT}: name only what differs")
        with refusals.noted():
            values = profile_document.read(document)
    if "weighers" in values:
        values["weighers"] = {**base.weighers, **values["weighers"]}
    return base.having(**{**values, "name": name, "version": version})


def default_in_force(written: ProfileVersion | None) -> Profile:
    """The default profile: ``spread`` until one was written."""
    if written is None:
        return replace(SPREAD, name=DEFAULT)
    return Profile.from_document({**written.document, "name": DEFAULT, "version": written.version})


def in_force(default: ProfileVersion | None, zone: ProfileVersion | None) -> Profile:
    """What decides in a zone, given the newest versions of the default and of the zone's override.

    Two operators who write both at once can leave an override that no longer fits; then the default
    decides alone, since a profile is never refused when it is used.
    """
    base = default_in_force(default)
    if zone is None or zone.ended:
        return base
    try:
        return lay_over(base, zone.name, zone.version, zone.document)
    except InvalidField:
        return base
