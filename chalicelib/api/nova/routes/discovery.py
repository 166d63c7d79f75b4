"""Routes by which clients find the versions that are served; anyone may ask."""

from __future__ import annotations

from chalicelib.api.nova.versions import list_versions, show_named_version, show_version
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import VERBS, Row
from chalicelib.model.identity import Role

# Nova answers its roots alike for every verb.
ROOTS = (
    *(Row(verb, "/", OWN, Role.ANYONE, view=list_versions) for verb in VERBS),
    *(Row(verb, "/v2.1", OWN, Role.ANYONE, view=show_version) for verb in VERBS),
    *(Row(verb, "/v2.1/", OWN, Role.ANYONE, view=show_version) for verb in VERBS),
    *(Row(verb, "/v2", OWN, Role.ANYONE, view=show_version) for verb in VERBS),
    *(Row(verb, "/v2/", OWN, Role.ANYONE, view=show_version) for verb in VERBS),
)

# Gophercloud reads the version at the service catalogue's URL, which ends with the project's id, with a
# slash or without. Nova shows it there only with a slash and a token. HEAD asks whether it is there.
ROWS = (
    *(Row(verb, path, OWN, Role.ANYONE, view=show_version) for verb in ("GET", "HEAD") for path in ("", "/")),
    Row("GET", "/versions/{version_id}", OWN, Role.READER, view=show_named_version),
)
