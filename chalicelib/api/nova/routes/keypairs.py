"""Routes of keypairs, which are the gateway's own."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row

ROWS: tuple[Row, ...] = ()
