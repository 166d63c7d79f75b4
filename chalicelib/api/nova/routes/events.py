"""Routes by which other services tell Nova what happened, and by which operators audit usage."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row

ROWS: tuple[Row, ...] = ()
