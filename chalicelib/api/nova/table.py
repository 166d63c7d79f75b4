"""Nova's routes as data: the rows of every noun, each in a module of ``routes/``.

Those of ``TABLE`` are served below ``/v2.1`` and below ``/v2.1/{project_id}``.
"""

from __future__ import annotations

from chalicelib.api.nova.routes import (
    decisions,
    discovery,
    events,
    extensions,
    flavors,
    gone,
    hosts,
    keypairs,
    proxies,
    quotas,
    server_groups,
    server_parts,
    servers,
    zones,
)

DISCOVERY = discovery.ROOTS

TABLE = (
    *discovery.ROWS,
    *servers.ROWS,
    *decisions.ROWS,
    *server_parts.ROWS,
    *flavors.ROWS,
    *keypairs.ROWS,
    *server_groups.ROWS,
    *quotas.ROWS,
    *zones.ROWS,
    *hosts.ROWS,
    *events.ROWS,
    *extensions.ROWS,
    *proxies.ROWS,
    *gone.ROWS,
)
