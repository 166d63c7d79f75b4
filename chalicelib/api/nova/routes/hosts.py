"""Routes for operators: aggregates, hypervisors, services, hosts, migrations of all pods."""

from __future__ import annotations

from chalicelib.api.openstack.table import Row

ROWS: tuple[Row, ...] = ()
