"""Routes of servers, and of what belongs to one server: actions, metadata, tags, interfaces, volumes."""

from __future__ import annotations

from chalicelib.api.nova.decisions import show_own_decision
from chalicelib.api.nova.server_changes import change_server
from chalicelib.api.nova.servers import create_server
from chalicelib.api.openstack.kinds import LOCATED, MERGED, OWN, PLACED
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import SERVERS

READER, MEMBER = Role.READER, Role.MEMBER

ROWS = (
    Row("GET", "/servers", MERGED, READER, SERVERS),
    Row("POST", "/servers", PLACED, MEMBER, SERVERS, create_server),
    Row("GET", "/servers/detail", MERGED, READER, SERVERS),
    Row("GET", "/servers/{server_id}", LOCATED, READER, SERVERS),
    Row("PUT", "/servers/{server_id}", LOCATED, MEMBER, SERVERS, change_server),
    Row("DELETE", "/servers/{server_id}", LOCATED, MEMBER, SERVERS),
    Row("GET", "/servers/{server_id}/trio2o-decision", OWN, READER, SERVERS, show_own_decision),
    Row("POST", "/servers/{server_id}/action", LOCATED, MEMBER, SERVERS, change_server),
    # Metadata, tags, interfaces, volumes, consoles, diagnostics: the pod's Nova knows which of
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
)
