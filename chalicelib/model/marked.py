"""Marked: how a create's marker stands on its servers, and what they look like without it.

It is a tag where Nova takes tags in a create, else a metadata key without a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from chalicelib.model.intent import Marker, marker_in
from chalicelib.model.microversion import Microversion

TAGS_SINCE = Microversion(2, 52)  # in the body of a create
MOST_TAGS = 50
MOST_METADATA = 128  # Nova's own default; -1 is no limit


class Place(StrEnum):
    """Where a server carries its marker."""

    TAG = "tags"
    METADATA = "metadata"


def place_for(server: Mapping[str, Any], version: Microversion, most_metadata: int) -> Place | None:
    """Where the marker of a new server goes; None where there is no room for it.

    What isn't of the right type stays as it is, for Nova to refuse it.
    """
    tags, metadata = server.get(Place.TAG, []), server.get(Place.METADATA, {})
    if version >= TAGS_SINCE and isinstance(tags, list) and len(tags) < MOST_TAGS:
        return Place.TAG
    if not isinstance(metadata, dict):
        return None
    has_room = most_metadata < 0 or len(metadata) < most_metadata
    return Place.METADATA if has_room else None


def marked(server: Mapping[str, Any], place: Place | None, marker: Marker) -> dict[str, Any]:
    """A server of a create with its marker behind all that it has there."""
    if place is Place.TAG:
        return {**server, place.value: [*server.get(place, []), str(marker)]}
    if place is Place.METADATA:
        return {**server, place.value: {**server.get(place, {}), str(marker): ""}}
    return dict(server)


def marker_of(row: Mapping[str, Any]) -> Marker | None:
    """The marker that a server carries, as a pod's list or answer shows it."""
    for texts in (row.get(Place.TAG), row.get(Place.METADATA)):
        if isinstance(texts, (list, dict)):
            for text in texts:
                marker = marker_in(text)
                if marker is not None:
                    return marker
    return None


def without_marker(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a pod shows of a server, without the marker; the row itself where it has none.

    It also serves for the lists of a server's tags and metadata, which name them by the same keys.
    """
    if marker_of(row) is None:
        return row
    tags, metadata = row.get(Place.TAG), row.get(Place.METADATA)
    shown = dict(row)
    if isinstance(tags, list):
        shown[Place.TAG.value] = [tag for tag in tags if marker_in(tag) is None]
    if isinstance(metadata, dict):
        shown[Place.METADATA.value] = {k: text for k, text in metadata.items() if marker_in(k) is None}
    return shown


def untold(text: bytes, place: Place | None, marker: Marker) -> bytes:
    """A refusal's text without the marker. Nova repeats what it refuses, as Python writes it."""
    if place is Place.TAG:
        forms = (f", 'tags': ['{marker}']", f", '{marker}'", f"'{marker}'")
    else:
        forms = (f", 'metadata': {{'{marker}': ''}}", f", '{marker}': ''", f"'{marker}': ''")
    for form in forms:
        text = text.replace(form.encode(), b"")
    return text
