"""Routes of server groups."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row

ROWS: tuple[Row, ...] = ()
