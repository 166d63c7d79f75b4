"""Where the admin API is served, and in whose words."""

from __future__ import annotations

from chalicelib.api.admin.dialect import ADMIN_DIALECT
from chalicelib.api.admin.table import TABLE
from chalicelib.api.mount import Mount
from chalicelib.api.openstack.router import Router

ADMIN_API = Mount("/v1.0", Router(TABLE), ADMIN_DIALECT, levels=4)  # one more than the longest row
