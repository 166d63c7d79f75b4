"""Routes of flavors, with their extra specs and access."""

from __future__ import annotations

from chalicelib.api.openstack.kinds import FIRST, MERGED
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import FLAVORS

READER = Role.READER

ROWS = (
    Row("GET", "/flavors", MERGED, READER, FLAVORS),
    Row("GET", "/flavors/detail", MERGED, READER, FLAVORS),
    Row("GET", "/flavors/{flavor_id}", FIRST, READER, FLAVORS),
    Row("GET", "/flavors/{flavor_id}/{part}", FIRST, READER, FLAVORS),
    Row("GET", "/flavors/{flavor_id}/{part}/{key}", FIRST, READER, FLAVORS),
)
