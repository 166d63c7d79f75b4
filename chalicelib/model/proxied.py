"""Proxied: what Nova passes on to Neutron and Cinder, up to microversion 2.35, by its names in Nova's API.

Each pod has a Neutron and a Cinder of its own, so every network, volume or security group is in one pod.
"""

from __future__ import annotations

from chalicelib.model.resource import Holding, Resource

NETWORKS = Resource("compute", "os-networks", "network", "Network", held=Holding("networks"))
TENANT_NETWORKS = Resource("compute", "os-tenant-networks", "network", "Network", held=Holding("networks"))
SECURITY_GROUPS = Resource(
    "compute",
    "os-security-groups",
    "security_group",
    "Security group",
    held=Holding("security_groups", limited=True),
)
SECURITY_GROUP_RULES = Resource(
    "compute",
    "os-security-group-rules",
    "security_group_rule",
    "Security group rule",
    held=Holding("security_group_rules", made_of=("parent_group_id", "os-security-groups")),
)
FLOATING_IPS = Resource(
    "compute", "os-floating-ips", "floating_ip", "Floating IP", held=Holding("floating_ips")
)
FLOATING_IP_POOLS = Resource(
    "compute",
    "os-floating-ip-pools",
    "floating_ip_pool",
    "Floating IP pool",
    held=Holding("floating_ip_pools", key="name"),
)
VOLUMES = Resource(
    "compute",
    "os-volumes",
    "volume",
    "Volume",
    held=Holding("volumes", limited=True, made_of=("snapshot_id", "os-snapshots")),
)
SNAPSHOTS = Resource(
    "compute",
    "os-snapshots",
    "snapshot",
    "Snapshot",
    held=Holding("snapshots", limited=True, made_of=("volume_id", "os-volumes")),
)
BAREMETAL_NODES = Resource("compute", "os-baremetal-nodes", "node", "Node", held=Holding("nodes"))
CONSOLE_TOKENS = Resource("compute", "os-console-auth-tokens", "console", "Token", held=Holding("consoles"))
