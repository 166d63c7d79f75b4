"""Routes of what belongs to one server: metadata, tags, addresses, interfaces, volumes, consoles.

The server's pod answers them all. Many need more than the role here says; the pod's Nova judges that.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.api.nova.attaching import attach
from chalicelib.api.nova.labels import ask_metadata_item, ask_tag
from chalicelib.api.nova.server_migrations import ask_migrations
from chalicelib.api.openstack.kinds import LOCATED
from chalicelib.api.openstack.table import Action, Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import SERVERS

_SERVER = "/servers/{server_id}"
_FORCE = Action("force_complete", "os_compute_api:servers:migrations:force_complete", since="2.22")


def _row(method: str, part: str, policy: str, since: str = "", root: str = "os_compute_api:") -> Row:
    role = Role.READER if method == "GET" else Role.MEMBER
    return Row(method, f"{_SERVER}/{part}", LOCATED, role, SERVERS, since=since, policy=root + policy)


def _attaching(method: str, part: str, policy: str) -> Row:
    """A row by which something is attached to the server, which may be in another pod."""
    return replace(_row(method, part, policy), view=attach)


def _migration(method: str, below: str, policy: str, since: str) -> Row:
    row = _row(method, f"migrations{below}", f"servers:migrations:{policy}", since)
    return replace(row, view=ask_migrations)


ROWS = (
    _row("GET", "diagnostics", "os-server-diagnostics"),
    _row("GET", "ips", "ips:index"),
    _row("GET", "ips/{label}", "ips:show"),
    _row("GET", "metadata", "server-metadata:index"),
    _row("POST", "metadata", "server-metadata:create"),
    _row("PUT", "metadata", "server-metadata:update_all"),
    replace(_row("GET", "metadata/{key}", "server-metadata:show"), view=ask_metadata_item),
    _row("PUT", "metadata/{key}", "server-metadata:update"),
    replace(_row("DELETE", "metadata/{key}", "server-metadata:delete"), view=ask_metadata_item),
    _migration("GET", "", "index", "2.23"),
    _migration("GET", "/{migration_id}", "show", "2.23"),
    _migration("DELETE", "/{migration_id}", "delete", "2.24"),
    Row(
        "POST",
        f"{_SERVER}/migrations/{{migration_id}}/action",
        LOCATED,
        Role.MEMBER,
        SERVERS,
        view=ask_migrations,
        actions=(_FORCE,),
    ),
    _row("GET", "os-instance-actions", "os-instance-actions:list"),
    _row("GET", "os-instance-actions/{request_id}", "os-instance-actions:show"),
    _row("GET", "os-interface", "os-attach-interfaces:list"),
    _attaching("POST", "os-interface", "os-attach-interfaces:create"),
    _row("GET", "os-interface/{port_id}", "os-attach-interfaces:show"),
    _row("DELETE", "os-interface/{port_id}", "os-attach-interfaces:delete"),
    _row("GET", "os-security-groups", "os-security-groups:list"),
    _row("GET", "os-server-password", "os-server-password:show"),
    _row("DELETE", "os-server-password", "os-server-password:clear"),
    _row("GET", "os-volume_attachments", "os-volumes-attachments:index"),
    _attaching("POST", "os-volume_attachments", "os-volumes-attachments:create"),
    _row("GET", "os-volume_attachments/{volume_id}", "os-volumes-attachments:show"),
    _attaching("PUT", "os-volume_attachments/{volume_id}", "os-volumes-attachments:update"),
    _row("DELETE", "os-volume_attachments/{volume_id}", "os-volumes-attachments:delete"),
    _row("POST", "remote-consoles", "os-remote-consoles", "2.6"),
    _row("GET", "shares", "os-server-shares:index", "2.97"),
    _row("POST", "shares", "os-server-shares:create", "2.97"),
    _row("GET", "shares/{share_id}", "os-server-shares:show", "2.97"),
    _row("DELETE", "shares/{share_id}", "os-server-shares:delete", "2.97"),
    _row("GET", "tags", "os-server-tags:index", "2.26"),
    _row("PUT", "tags", "os-server-tags:update_all", "2.26"),
    _row("DELETE", "tags", "os-server-tags:delete_all", "2.26"),
    replace(_row("GET", "tags/{tag}", "os-server-tags:show", "2.26"), view=ask_tag),
    _row("PUT", "tags/{tag}", "os-server-tags:update", "2.26"),
    replace(_row("DELETE", "tags/{tag}", "os-server-tags:delete", "2.26"), view=ask_tag),
    _row("GET", "topology", "server:topology:index", "2.78", root="compute:"),
)
