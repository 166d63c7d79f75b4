"""The admin API's profiles resource."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.admin.profile_bodies import (
    read_profile,
    read_restore,
    write_profile,
    write_shown,
    write_version,
)
from chalicelib.api.admin.queries import read_query, whole_number
from chalicelib.api.admin.rehearsal_bodies import read_rehearsal, write_rehearsed
from chalicelib.api.admin.requests import read_nothing, read_request
from chalicelib.api.call import Call, Reply


def list_profiles(call: Call) -> Reply:
    """The default, then zones' own, then the built-in ones."""
    read_query(call.query)
    return Reply(200, {"profiles": [write_profile(shown) for shown in wiring.services().profiles.list()]})


def show_profile(call: Call) -> Reply:
    """One profile, or with ``?version=`` one version of it as it was written."""
    name, profiles = call.path["profile_name"], wiring.services().profiles
    version = read_query(call.query, {"version": whole_number}).get("version")
    if version is None:
        return Reply(200, write_shown(profiles.get(name)))
    return Reply(200, {"version": write_version(profiles.version(name, version))})


def write_next_version(call: Call) -> Reply:
    """Put a new version of ``default`` or of a zone's profile in force."""
    _, document = read_request(call, read_profile)
    return Reply(200, write_shown(wiring.services().profiles.put(_name(call), document, call.caller)))


def end_profile(call: Call) -> Reply:
    """End a zone's profile; the default decides there again."""
    read_nothing(call)
    wiring.services().profiles.end(_name(call), call.caller)
    return Reply(204)


def show_profile_history(call: Call) -> Reply:
    """All versions, newest last: when, by whom, and what they said."""
    read_query(call.query)
    versions = wiring.services().profiles.history(_name(call))
    return Reply(200, {"versions": [write_version(written) for written in versions]})


def rehearse_profile(call: Call) -> Reply:
    """What would differ in the last kept decisions if a profile had been in force."""
    _, order = read_request(call, read_rehearsal)
    rehearsed = wiring.services().rehearsal.run(order)
    return Reply(200, {"dry_run": write_rehearsed(rehearsed)})


def restore_profile(call: Call) -> Reply:
    """Put an older version in force again."""
    _, version = read_request(call, read_restore)
    return Reply(200, write_shown(wiring.services().profiles.restore(_name(call), version, call.caller)))


def _name(call: Call) -> str:
    return call.path["profile_name"]
