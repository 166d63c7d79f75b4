"""Where the admin API is served: below ``/v1.0``."""

from __future__ import annotations

from chalicelib.api.admin.dialect import AdminDialect
from chalicelib.api.admin.table import TABLE
from chalicelib.api.mount import Mount
from chalicelib.api.openstack.router import Router

# One level more than the longest row has, so that we answer the unknown paths there.
ADMIN_API = Mount("/v1.0", Router(TABLE), AdminDialect(), levels=5)
