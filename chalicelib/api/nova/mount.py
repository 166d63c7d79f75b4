"""Where Nova's API is served: its version documents, and its routes below ``/v2.1`` and ``/v2``."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.api.mount import Mount
from chalicelib.api.nova.table import DISCOVERY, TABLE
from chalicelib.api.nova.versioning import VERSIONING
from chalicelib.api.openstack.faults import OpenStackDialect
from chalicelib.api.openstack.forwarding import LEGACY_PREFIX
from chalicelib.api.openstack.router import Router

NOVA = OpenStackDialect(VERSIONING)

ROOTS = Mount("", Router(DISCOVERY), NOVA, levels=0, core=("/", "/v2.1", "/v2"), slash_matters=True)
COMPUTE = Mount(
    "/v2.1",
    Router(TABLE, project_ids=True),
    NOVA,
    levels=6,  # one more than the longest row, so that we answer the unknown paths there
    core=("/servers", "/servers/detail"),
    slash_matters=True,
)

# Nova still serves the API of before microversions: that of 2.1, less strict about what a request may hold.
LEGACY_COMPUTE = Mount(
    LEGACY_PREFIX,
    COMPUTE.router,
    OpenStackDialect(replace(VERSIONING, is_fixed=True)),
    levels=COMPUTE.levels,
    slash_matters=True,
)
