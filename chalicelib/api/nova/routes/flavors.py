"""Routes of flavors, with their extra specs and access."""

from __future__ import annotations

from chalicelib.api.openstack.kinds import EVERY_POD, FIRST, MERGED
from chalicelib.api.openstack.table import Action, Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import FLAVORS

READER, ADMIN = Role.READER, Role.ADMIN
MANAGE = "os_compute_api:os-flavor-manage"
SPECS = "os_compute_api:os-flavor-extra-specs"
ACCESS = "os_compute_api:os-flavor-access"

_ONE = "/flavors/{flavor_id}"
_SPECS = f"{_ONE}/os-extra_specs"
_SPEC = f"{_SPECS}/{{key}}"

_ACTIONS = (
    Action("addTenantAccess", f"{ACCESS}:add_tenant_access"),
    Action("removeTenantAccess", f"{ACCESS}:remove_tenant_access"),
)

ROWS = (
    Row("GET", "/flavors", MERGED, READER, FLAVORS),
    Row("POST", "/flavors", EVERY_POD, ADMIN, FLAVORS, policy=f"{MANAGE}:create"),
    Row("GET", "/flavors/detail", MERGED, READER, FLAVORS),
    Row("GET", _ONE, FIRST, READER, FLAVORS),
    Row("PUT", _ONE, EVERY_POD, ADMIN, FLAVORS, since="2.55", policy=f"{MANAGE}:update"),
    Row("DELETE", _ONE, EVERY_POD, ADMIN, FLAVORS, policy=f"{MANAGE}:delete"),
    Row("POST", f"{_ONE}/action", EVERY_POD, ADMIN, FLAVORS, actions=_ACTIONS),
    Row("GET", f"{_ONE}/os-flavor-access", FIRST, ADMIN, FLAVORS, policy=ACCESS),
    Row("GET", _SPECS, FIRST, READER, FLAVORS),
    Row("POST", _SPECS, EVERY_POD, ADMIN, FLAVORS, policy=f"{SPECS}:create"),
    Row("GET", _SPEC, FIRST, READER, FLAVORS),
    Row("PUT", _SPEC, EVERY_POD, ADMIN, FLAVORS, policy=f"{SPECS}:update"),
    Row("DELETE", _SPEC, EVERY_POD, ADMIN, FLAVORS, policy=f"{SPECS}:delete"),
)
