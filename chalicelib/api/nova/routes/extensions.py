"""Routes of Nova's extensions, which are all part of it now, of console tokens, and of servers once more."""

from __future__ import annotations

from chalicelib.api.nova.routes import servers
from chalicelib.api.openstack.kinds import FIRST, HELD, SAME_AS
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.proxied import CONSOLE_TOKENS
from chalicelib.model.resource import EXTENSIONS

_POLICY = "os_compute_api:extensions"


def _for_boot(row: Row) -> Row:
    """A row of servers under the name that once stood for booting from a volume, which ends with 2.102."""
    path = row.path.replace("/servers", "/os-volumes_boot", 1)
    return Row(
        row.method, path, SAME_AS(row), row.role, until="2.102", policy=row.policy, actions=row.actions
    )


ROWS = (
    Row("GET", "/extensions", FIRST, Role.READER, EXTENSIONS, policy=_POLICY),
    Row("GET", "/extensions/{extension_id}", FIRST, Role.READER, EXTENSIONS, policy=_POLICY),
    # Below 2.31 it is 400 to anyone, so the pod's Nova judges who may ask.
    Row(
        "GET",
        "/os-console-auth-tokens/{console_token}",
        HELD,
        Role.READER,
        CONSOLE_TOKENS,
        policy="os_compute_api:os-console-auth-tokens",
    ),
    *(_for_boot(row) for row in servers.NOVAS),
)
