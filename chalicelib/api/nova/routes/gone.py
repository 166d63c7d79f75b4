"""Gone: what Nova itself answers with 410, measured on Nova 34 at every microversion.

It answers so for any id, whether it is known or not.
"""

from __future__ import annotations

from chalicelib.api.openstack.kinds import GONE
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

_REMOVED = {
    "/os-agents": "GET POST",
    "/os-agents/{agent_id}": "PUT DELETE",
    "/os-cells": "GET POST",
    "/os-cells/capacities": "GET",
    "/os-cells/detail": "GET",
    "/os-cells/info": "GET",
    "/os-cells/sync_instances": "POST",
    "/os-cells/{cell_id}": "GET PUT DELETE",
    "/os-cells/{cell_id}/capacities": "GET",
    "/os-certificates": "POST",
    "/os-certificates/{certificate_id}": "GET",
    "/os-cloudpipe": "GET POST",
    "/os-cloudpipe/{cloudpipe_id}": "PUT",
    "/os-fixed-ips/{fixed_ip}": "GET",
    "/os-fixed-ips/{fixed_ip}/action": "POST",
    "/os-floating-ip-dns": "GET",
    "/os-floating-ip-dns/{domain}": "PUT DELETE",
    "/os-floating-ip-dns/{domain}/entries/{name}": "GET PUT DELETE",
    "/os-floating-ips-bulk": "GET POST",
    "/os-floating-ips-bulk/{host_name}": "GET PUT",
    "/os-fping": "GET",
    "/os-fping/{server_id}": "GET",
    "/os-networks": "POST",
    "/os-networks/add": "POST",
    "/os-networks/{network_id}": "DELETE",
    "/os-networks/{network_id}/action": "POST",
    "/os-security-group-default-rules": "GET POST",
    "/os-security-group-default-rules/{rule_id}": "GET DELETE",
    "/os-tenant-networks": "POST",
    "/os-tenant-networks/{network_id}": "DELETE",
    "/servers/{server_id}/consoles": "GET POST",
    "/servers/{server_id}/consoles/{console_id}": "GET DELETE",
    "/servers/{server_id}/os-virtual-interfaces": "GET",
}

ROWS = tuple(
    Row(method, path, GONE, Role.READER) for path, methods in _REMOVED.items() for method in methods.split()
)
