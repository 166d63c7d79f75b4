"""Routes of availability zones."""

from __future__ import annotations

from chalicelib.api.nova.operators import passing_refusals
from chalicelib.api.nova.zones import list_zones, list_zones_with_hosts
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

ROWS = (
    Row("GET", "/os-availability-zone", OWN, Role.READER, view=list_zones),
    Row(
        "GET",
        "/os-availability-zone/detail",
        OWN,
        Role.ADMIN,
        view=passing_refusals(list_zones_with_hosts),
        policy="os_compute_api:os-availability-zone:detail",
    ),
)
