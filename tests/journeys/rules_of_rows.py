"""Rules of rows: whose each noun of the compute API is. A noun or variable without a rule fails the build."""

from __future__ import annotations

import re
from enum import Enum

from chalicelib.api.openstack.kinds import GONE
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

VARIABLES = re.compile(r"{(\w+)}")


class Whose(Enum):
    """Who may know that there is such a thing."""

    ALL = "everybody: all projects see the same"
    OWN = "its own project or user, and admins: to all others it is as absent as what was never there"
    OPERATORS = "operators and services alone"


# By the first segment of the path: whose it is, and the first variable that a path of it has.
RULES = {
    "": (Whose.ALL, ""),
    "extensions": (Whose.ALL, "extension_id"),
    "flavors": (Whose.ALL, "flavor_id"),
    "images": (Whose.OWN, "image_id"),
    "limits": (Whose.OWN, ""),
    "os-aggregates": (Whose.OPERATORS, "aggregate_id"),
    "os-assisted-volume-snapshots": (Whose.OPERATORS, "snapshot_id"),
    "os-availability-zone": (Whose.ALL, ""),
    "os-baremetal-nodes": (Whose.ALL, "node_id"),
    "os-console-auth-tokens": (Whose.OWN, "console_token"),
    "os-floating-ip-pools": (Whose.ALL, ""),
    "os-floating-ips": (Whose.OWN, "floating_ip_id"),
    "os-hosts": (Whose.OPERATORS, "host_name"),
    "os-hypervisors": (Whose.OPERATORS, "hypervisor_id pattern"),
    "os-instance_usage_audit_log": (Whose.OPERATORS, "before"),
    "os-keypairs": (Whose.OWN, "keypair_name"),
    "os-migrations": (Whose.OPERATORS, ""),
    "os-networks": (Whose.ALL, "network_id"),
    "os-quota-class-sets": (Whose.OPERATORS, "class_name"),
    "os-quota-sets": (Whose.OWN, "tenant_id"),
    "os-security-group-rules": (Whose.OWN, "rule_id"),
    "os-security-groups": (Whose.OWN, "security_group_id"),
    "os-server-external-events": (Whose.OPERATORS, ""),
    "os-server-groups": (Whose.OWN, "server_group_id"),
    "os-services": (Whose.OPERATORS, "service_id"),
    "os-simple-tenant-usage": (Whose.OWN, "tenant_id"),
    "os-snapshots": (Whose.OWN, "snapshot_id"),
    "os-tenant-networks": (Whose.ALL, "network_id"),
    "os-volumes": (Whose.OWN, "volume_id"),
    "os-volumes_boot": (Whose.OWN, "server_id"),
    "servers": (Whose.OWN, "server_id"),
    "trio2o-decisions": (Whose.OWN, ""),
    "versions": (Whose.ALL, "version_id"),
}


def rule_of(row: Row) -> Whose:
    """Whose a row's noun is. Raises LookupError for a row without a rule, or one that breaks its noun's."""
    if row.kind is GONE:
        return Whose.ALL
    noun = row.path.split("/")[1] if row.path else ""
    if noun not in RULES:
        raise LookupError(f"{row}: whose are {noun}? Give them a rule")
    whose, variables = RULES[noun]
    first = VARIABLES.search(row.path)
    if first and first[1] not in variables.split():
        raise LookupError(f"{row}: whose is what {first[1]} names? Give it a rule")
    if whose is Whose.OPERATORS and row.role not in (Role.ADMIN, Role.SERVICE):
        raise LookupError(f"{row} is open to the role {row.role.name}, though {noun} are for operators")
    return whose
