"""Routes of availability zones."""

from __future__ import annotations

from chalicelib.api.nova.zones import list_zones
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

ROWS = (
    Row("GET", "/os-availability-zone", OWN, Role.READER, view=list_zones),
    Row("GET", "/os-availability-zone/detail", OWN, Role.ADMIN, view=list_zones),
)
