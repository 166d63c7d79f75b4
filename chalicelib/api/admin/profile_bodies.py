"""Profile bodies: a profile and its past, as operators write and read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.model.fields import an_object, read_fields, read_wrapped, whole
from chalicelib.model.json_values import write_time
from chalicelib.scheduler import profile_document
from chalicelib.scheduler.profile_version import ProfileVersion, zone_of
from chalicelib.service.operating.profiles import ShownProfile


def read_profile(body: object) -> Mapping[str, Any]:
    """A profile's document. The ``built_in`` that we add when we show it may be sent back."""
    document: Mapping[str, Any] = read_wrapped(body, "profile", _document)["profile"]
    return document


def _document(given: Mapping[str, Any]) -> Mapping[str, Any]:
    sent_back = given.get("built_in") is False
    document = {name: value for name, value in given.items() if name != "built_in" or not sent_back}
    # It is returned as it came, since it is judged again over what is in force and kept as it was written.
    profile_document.read(document)
    return document


def read_restore(body: object) -> int:
    """The version to bring back. Raises InvalidField."""
    given = an_object('the body must be {"version": 3}')("body", body)
    return int(read_fields(given, {"version": whole(1)}, required=("version",))["version"])


def write_profile(shown: ShownProfile) -> dict[str, Any]:
    """A profile's document as it can be sent back; watermarks and shares are fractions."""
    if shown.written is not None and zone_of(shown.written.name):
        return {**write_document(shown.written), "built_in": False}
    return {**shown.profile.document(), "built_in": shown.built_in}


def write_shown(shown: ShownProfile) -> dict[str, Any]:
    """One profile. A zone's is shown as it was written; ``in_force`` is then all that decides there."""
    body: dict[str, Any] = {"profile": write_profile(shown)}
    if shown.written is not None and zone_of(shown.written.name):
        body["in_force"] = shown.profile.document()
    return body


def write_document(written: ProfileVersion) -> dict[str, Any]:
    """A version's document as it was written."""
    return {**written.document, "name": written.name, "version": written.version}


def write_version(written: ProfileVersion) -> dict[str, Any]:
    """One write of a profile: when, by whom, and the document; null where it ended a zone's profile."""
    return {
        "version": written.version,
        "at": write_time(written.at),
        "user_id": written.user_id,
        "request_id": written.request_id,
        "restored_from": written.restored_from,
        "ended": written.ended,
        "profile": None if written.ended else write_document(written),
    }
