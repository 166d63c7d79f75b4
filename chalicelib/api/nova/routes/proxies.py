"""Routes by which Nova passes on to Glance, Neutron, Cinder and Ironic; most of them end with 2.35.

Each network, volume or security group is in one pod's own Neutron or Cinder. An image may have one id in all
pods: they share a Glance, or the operator copied it.
"""

from __future__ import annotations

from chalicelib.api.openstack.kinds import EVERY_HOLDER, FIRST, HELD, MERGED
from chalicelib.api.openstack.table import Kind, Row
from chalicelib.model.identity import Role
from chalicelib.model.proxied import (
    BAREMETAL_NODES,
    FLOATING_IP_POOLS,
    FLOATING_IPS,
    NETWORKS,
    SECURITY_GROUP_RULES,
    SECURITY_GROUPS,
    SNAPSHOTS,
    TENANT_NETWORKS,
    VOLUMES,
)
from chalicelib.model.resource import IMAGES, Resource

READER, MEMBER, ADMIN = Role.READER, Role.MEMBER, Role.ADMIN
_LAST = "2.35"
_LAST_METADATA = "2.38"
_ONE_IMAGE = "/images/{image_id}"
_METADATA = f"{_ONE_IMAGE}/metadata"


def _row(method: str, path: str, kind: Kind, resource: Resource, policy: str) -> Row:
    role = READER if method == "GET" else MEMBER
    return Row(method, path, kind, role, resource, until=_LAST, policy=f"os_compute_api:{policy}")


def _image(method: str, path: str, kind: Kind, until: str) -> Row:
    """Nova has no policy for images: Glance judges."""
    return Row(method, path, kind, READER if method == "GET" else MEMBER, IMAGES, until=until)


IMAGE_ROWS = (
    _image("GET", "/images", MERGED, _LAST),
    _image("GET", "/images/detail", MERGED, _LAST),
    _image("GET", _ONE_IMAGE, FIRST, _LAST),
    _image("DELETE", _ONE_IMAGE, EVERY_HOLDER, _LAST),
    _image("GET", _METADATA, FIRST, _LAST_METADATA),
    _image("POST", _METADATA, EVERY_HOLDER, _LAST_METADATA),
    _image("PUT", _METADATA, EVERY_HOLDER, _LAST_METADATA),
    _image("GET", f"{_METADATA}/{{key}}", FIRST, _LAST_METADATA),
    _image("PUT", f"{_METADATA}/{{key}}", EVERY_HOLDER, _LAST_METADATA),
    _image("DELETE", f"{_METADATA}/{{key}}", EVERY_HOLDER, _LAST_METADATA),
)
NETWORK_ROWS = (
    _row("GET", "/os-networks", MERGED, NETWORKS, "os-networks:list"),
    _row("GET", "/os-networks/{network_id}", HELD, NETWORKS, "os-networks:show"),
    _row("GET", "/os-tenant-networks", MERGED, TENANT_NETWORKS, "os-tenant-networks:list"),
    _row("GET", "/os-tenant-networks/{network_id}", HELD, TENANT_NETWORKS, "os-tenant-networks:show"),
    _row("GET", "/os-floating-ip-pools", MERGED, FLOATING_IP_POOLS, "os-floating-ip-pools"),
    _row("GET", "/os-floating-ips", MERGED, FLOATING_IPS, "os-floating-ips:list"),
    _row("POST", "/os-floating-ips", HELD, FLOATING_IPS, "os-floating-ips:create"),
    _row("GET", "/os-floating-ips/{floating_ip_id}", HELD, FLOATING_IPS, "os-floating-ips:show"),
    _row("DELETE", "/os-floating-ips/{floating_ip_id}", HELD, FLOATING_IPS, "os-floating-ips:delete"),
)
_GROUP = "/os-security-groups/{security_group_id}"
SECURITY_ROWS = (
    _row("GET", "/os-security-groups", MERGED, SECURITY_GROUPS, "os-security-groups:get"),
    _row("POST", "/os-security-groups", HELD, SECURITY_GROUPS, "os-security-groups:create"),
    _row("GET", _GROUP, HELD, SECURITY_GROUPS, "os-security-groups:show"),
    _row("PUT", _GROUP, HELD, SECURITY_GROUPS, "os-security-groups:update"),
    _row("DELETE", _GROUP, HELD, SECURITY_GROUPS, "os-security-groups:delete"),
    _row("POST", "/os-security-group-rules", HELD, SECURITY_GROUP_RULES, "os-security-groups:rule:create"),
    _row(
        "DELETE",
        "/os-security-group-rules/{rule_id}",
        HELD,
        SECURITY_GROUP_RULES,
        "os-security-groups:rule:delete",
    ),
)
VOLUME_ROWS = (
    _row("GET", "/os-volumes", MERGED, VOLUMES, "os-volumes:list"),
    _row("POST", "/os-volumes", HELD, VOLUMES, "os-volumes:create"),
    _row("GET", "/os-volumes/detail", MERGED, VOLUMES, "os-volumes:detail"),
    _row("GET", "/os-volumes/{volume_id}", HELD, VOLUMES, "os-volumes:show"),
    _row("DELETE", "/os-volumes/{volume_id}", HELD, VOLUMES, "os-volumes:delete"),
    _row("GET", "/os-snapshots", MERGED, SNAPSHOTS, "os-volumes:snapshots:list"),
    _row("POST", "/os-snapshots", HELD, SNAPSHOTS, "os-volumes:snapshots:create"),
    _row("GET", "/os-snapshots/detail", MERGED, SNAPSHOTS, "os-volumes:snapshots:detail"),
    _row("GET", "/os-snapshots/{snapshot_id}", HELD, SNAPSHOTS, "os-volumes:snapshots:show"),
    _row("DELETE", "/os-snapshots/{snapshot_id}", HELD, SNAPSHOTS, "os-volumes:snapshots:delete"),
)
_NODES, _NODE = "/os-baremetal-nodes", "/os-baremetal-nodes/{node_id}"
_NODES_POLICY = "os_compute_api:os-baremetal-nodes:"
# Nova refuses to write nodes, with a word on what to do instead, and asks for no role.
NODE_ROWS = (
    Row("GET", _NODES, MERGED, ADMIN, BAREMETAL_NODES, until=_LAST, policy=_NODES_POLICY + "list"),
    Row("GET", _NODE, HELD, ADMIN, BAREMETAL_NODES, until=_LAST, policy=_NODES_POLICY + "show"),
    Row("POST", _NODES, FIRST, READER, BAREMETAL_NODES, until=_LAST),
    Row("DELETE", _NODE, FIRST, READER, BAREMETAL_NODES, until=_LAST),
    Row("POST", f"{_NODE}/action", FIRST, READER, BAREMETAL_NODES),
)
ROWS = (*IMAGE_ROWS, *NETWORK_ROWS, *SECURITY_ROWS, *VOLUME_ROWS, *NODE_ROWS)
