"""Routes of quotas, limits and usage: a project has one of each over all pods."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row

ROWS: tuple[Row, ...] = ()
