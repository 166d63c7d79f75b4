"""Routes of servers themselves; what belongs to one server is in ``server_parts.py``."""

from __future__ import annotations

from chalicelib.api.nova.decisions import show_own_decision
from chalicelib.api.nova.routes.server_actions import SERVER_ACTIONS
from chalicelib.api.nova.server_changes import change_server
from chalicelib.api.nova.servers import create_server
from chalicelib.api.openstack.kinds import LOCATED, MERGED, OWN, PLACED
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import SERVERS

READER, MEMBER = Role.READER, Role.MEMBER
_POLICY = "os_compute_api:servers:"
_ACTION = "/servers/{server_id}/action"

NOVAS = (
    Row("GET", "/servers", MERGED, READER, SERVERS, policy=_POLICY + "index"),
    Row("POST", "/servers", PLACED, MEMBER, SERVERS, create_server, policy=_POLICY + "create"),
    Row("GET", "/servers/detail", MERGED, READER, SERVERS, policy=_POLICY + "detail"),
    Row("GET", "/servers/{server_id}", LOCATED, READER, SERVERS, policy=_POLICY + "show"),
    Row("PUT", "/servers/{server_id}", LOCATED, MEMBER, SERVERS, change_server, policy=_POLICY + "update"),
    Row("DELETE", "/servers/{server_id}", LOCATED, MEMBER, SERVERS, policy=_POLICY + "delete"),
    Row("POST", _ACTION, LOCATED, MEMBER, SERVERS, change_server, actions=SERVER_ACTIONS),
)
ROWS = (
    *NOVAS,
    Row("GET", "/servers/{server_id}/trio2o-decision", OWN, READER, SERVERS, show_own_decision),
)
