"""Nova's routes as data.

Those of ``TABLE`` are served below ``/v2.1`` and below ``/v2.1/{project_id}``.
"""

from __future__ import annotations

from chalicelib.api.nova.decisions import show_own_decision
from chalicelib.api.nova.gone import REMOVED
from chalicelib.api.nova.servers import create_server
from chalicelib.api.nova.versions import list_versions, show_version
from chalicelib.api.nova.zones import list_zones
from chalicelib.api.openstack.kinds import FIRST, LOCATED, MERGED, OWN, PLACED
from chalicelib.api.openstack.table import VERBS, Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import FLAVORS, IMAGES, SERVERS

ANYONE, READER, MEMBER, ADMIN = Role

# Nova answers its roots alike for every verb.
DISCOVERY = (
    *(Row(verb, "/", OWN, ANYONE, view=list_versions) for verb in VERBS),
    *(Row(verb, "/v2.1", OWN, ANYONE, view=show_version) for verb in VERBS),
    *(Row(verb, "/v2.1/", OWN, ANYONE, view=show_version) for verb in VERBS),
)

TABLE = (
    # Gophercloud reads the version at the service catalogue's URL, which ends with the project's id, with a
    # slash or without. Nova shows it there only with a slash and a token. HEAD asks whether it is there.
    *(Row(verb, path, OWN, ANYONE, view=show_version) for verb in ("GET", "HEAD") for path in ("", "/")),
    Row("GET", "/servers", MERGED, READER, SERVERS),
    Row("POST", "/servers", PLACED, MEMBER, SERVERS, create_server),
    Row("GET", "/servers/detail", MERGED, READER, SERVERS),
    Row("GET", "/servers/{server_id}", LOCATED, READER, SERVERS),
    Row("PUT", "/servers/{server_id}", LOCATED, MEMBER, SERVERS),
    Row("DELETE", "/servers/{server_id}", LOCATED, MEMBER, SERVERS),
    Row("GET", "/servers/{server_id}/trio2o-decision", OWN, READER, SERVERS, show_own_decision),
    # Actions, metadata, tags, interfaces, volumes, consoles, diagnostics: the pod's Nova knows which of
    # them there are, and refuses the others.
    Row("GET", "/servers/{server_id}/{part}", LOCATED, READER, SERVERS),
    Row("POST", "/servers/{server_id}/{part}", LOCATED, MEMBER, SERVERS),
    Row("PUT", "/servers/{server_id}/{part}", LOCATED, MEMBER, SERVERS),
    Row("DELETE", "/servers/{server_id}/{part}", LOCATED, MEMBER, SERVERS),
    Row("GET", "/servers/{server_id}/{part}/{key}", LOCATED, READER, SERVERS),
    Row("POST", "/servers/{server_id}/{part}/{key}", LOCATED, MEMBER, SERVERS),
    Row("PUT", "/servers/{server_id}/{part}/{key}", LOCATED, MEMBER, SERVERS),
    Row("DELETE", "/servers/{server_id}/{part}/{key}", LOCATED, MEMBER, SERVERS),
    Row("GET", "/servers/{server_id}/{part}/{key}/{verb}", LOCATED, READER, SERVERS),
    Row("POST", "/servers/{server_id}/{part}/{key}/{verb}", LOCATED, MEMBER, SERVERS),
    Row("PUT", "/servers/{server_id}/{part}/{key}/{verb}", LOCATED, MEMBER, SERVERS),
    Row("DELETE", "/servers/{server_id}/{part}/{key}/{verb}", LOCATED, MEMBER, SERVERS),
    Row("GET", "/flavors", MERGED, READER, FLAVORS),
    Row("GET", "/flavors/detail", MERGED, READER, FLAVORS),
    Row("GET", "/flavors/{flavor_id}", FIRST, READER, FLAVORS),
    Row("GET", "/flavors/{flavor_id}/{part}", FIRST, READER, FLAVORS),
    Row("GET", "/flavors/{flavor_id}/{part}/{key}", FIRST, READER, FLAVORS),
    # Images have the same ids in all pods. Nova serves them up to microversion 2.35; its 404 for a later
    # one goes to the client as it is.
    Row("GET", "/images", FIRST, READER, IMAGES),
    Row("GET", "/images/detail", FIRST, READER, IMAGES),
    Row("GET", "/images/{image_id}", FIRST, READER, IMAGES),
    Row("GET", "/images/{image_id}/{part}", FIRST, READER, IMAGES),
    Row("GET", "/images/{image_id}/{part}/{key}", FIRST, READER, IMAGES),
    Row("GET", "/os-availability-zone", OWN, READER, view=list_zones),
    Row("GET", "/os-availability-zone/detail", OWN, ADMIN, view=list_zones),
    *REMOVED,
)
