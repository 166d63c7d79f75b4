"""The admin API's profiles resource."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.admin.profile_bodies import read_profile, write_profile
from chalicelib.api.admin.queries import read_query
from chalicelib.api.admin.routes import admin
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role
from chalicelib.service.profiles import ShownProfile


@admin.route("GET", "/profiles", role=Role.ADMIN, kind=Kind.OWN)
def list_profiles(call: Call) -> Reply:
    """The profile in force, then the built-in ones."""
    read_query(call.query, ())
    return Reply(200, {"profiles": [write_profile(shown) for shown in wiring.services().profiles.list()]})


@admin.route("GET", "/profiles/{profile_name}", role=Role.ADMIN, kind=Kind.OWN)
def show_profile(call: Call) -> Reply:
    """One profile; ``default`` is in force."""
    return Reply(200, {"profile": write_profile(wiring.services().profiles.get(call.path["profile_name"]))})


@admin.route("PUT", "/profiles/{profile_name}", role=Role.ADMIN, kind=Kind.OWN)
def write_profile_in_force(call: Call) -> Reply:
    """Put a new version of ``default`` in force."""
    written = wiring.services().profiles.put(call.path["profile_name"], read_profile(call.json()))
    return Reply(200, {"profile": write_profile(ShownProfile(written, built_in=False))})
