"""Routes of server groups: each lives in one pod with its members, in its project's home pod of the time."""

from __future__ import annotations

from chalicelib.api.nova.server_groups import create_server_group
from chalicelib.api.openstack.kinds import HELD, MERGED
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import SERVER_GROUPS

READER, MEMBER = Role.READER, Role.MEMBER
_POLICY = "os_compute_api:os-server-groups"
_ONE = "/os-server-groups/{server_group_id}"

ROWS = (
    Row("GET", "/os-server-groups", MERGED, READER, SERVER_GROUPS, policy=f"{_POLICY}:index"),
    Row(
        "POST",
        "/os-server-groups",
        HELD,
        MEMBER,
        SERVER_GROUPS,
        create_server_group,
        policy=f"{_POLICY}:create",
    ),
    Row("GET", _ONE, HELD, READER, SERVER_GROUPS, policy=f"{_POLICY}:show"),
    Row("DELETE", _ONE, HELD, MEMBER, SERVER_GROUPS, policy=f"{_POLICY}:delete"),
)
