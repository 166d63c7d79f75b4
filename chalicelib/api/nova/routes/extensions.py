"""Routes of Nova's extensions, which are all part of it now."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row

ROWS: tuple[Row, ...] = ()
