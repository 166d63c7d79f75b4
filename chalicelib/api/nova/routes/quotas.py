"""Routes of quotas, limits and usage: a project has one of each over all pods."""

from __future__ import annotations

from chalicelib.api.nova.quotas import (
    delete_quota,
    show_limits,
    show_quota,
    show_quota_class,
    show_quota_defaults,
    show_quota_detail,
    update_quota,
    update_quota_class,
)
from chalicelib.api.nova.usage import list_usages, show_usage
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

READER, ADMIN = Role.READER, Role.ADMIN
SETS, SET = "os_compute_api:os-quota-sets", "/os-quota-sets/{tenant_id}"
CLASSES, CLASS = "os_compute_api:os-quota-class-sets", "/os-quota-class-sets/{class_name}"
USAGES, USAGE = "os_compute_api:os-simple-tenant-usage", "/os-simple-tenant-usage"

ROWS = (
    Row("GET", "/limits", OWN, READER, view=show_limits, policy="os_compute_api:limits"),
    Row("GET", SET, OWN, READER, view=show_quota, policy=f"{SETS}:show"),
    Row("PUT", SET, OWN, ADMIN, view=update_quota, policy=f"{SETS}:update"),
    Row("DELETE", SET, OWN, ADMIN, view=delete_quota, policy=f"{SETS}:delete"),
    Row("GET", f"{SET}/detail", OWN, READER, view=show_quota_detail, policy=f"{SETS}:detail"),
    Row("GET", f"{SET}/defaults", OWN, READER, view=show_quota_defaults, policy=f"{SETS}:defaults"),
    Row("GET", CLASS, OWN, ADMIN, view=show_quota_class, policy=f"{CLASSES}:show"),
    Row("PUT", CLASS, OWN, ADMIN, view=update_quota_class, policy=f"{CLASSES}:update"),
    Row("GET", USAGE, OWN, ADMIN, view=list_usages, policy=f"{USAGES}:list"),
    Row("GET", f"{USAGE}/{{tenant_id}}", OWN, READER, view=show_usage, policy=f"{USAGES}:show"),
)
