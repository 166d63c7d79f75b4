"""Network: the one shared network of a pod. Each pod's has another id."""

from __future__ import annotations

import ipaddress
import itertools

from local.standin.ids import named_uuid
from local.standin.message import Json


class Network:
    """Hands out addresses. Its network ports are kept with the servers, as their interfaces."""

    def __init__(self, pod_name: str, cidr: str = "10.0.0.0/16") -> None:
        self.id = named_uuid(f"network:{pod_name}")
        self.subnet_id = named_uuid(f"subnet:{pod_name}")
        self.name = "shared"
        self.cidr = ipaddress.ip_network(cidr)
        self._numbers = itertools.count(10)

    def next_address(self) -> tuple[str, str]:
        """An unused address and its MAC."""
        number = next(self._numbers)
        mac = "fa:16:3e:" + ":".join(f"{(number >> shift) & 0xFF:02x}" for shift in (16, 8, 0))
        return str(self.cidr[number]), mac

    def write(self, project_id: str) -> Json:
        """The network as Neutron shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "status": "ACTIVE",
            "admin_state_up": True,
            "shared": True,
            "router:external": False,
            "mtu": 1450,
            "port_security_enabled": True,
            "subnets": [self.subnet_id],
            "availability_zones": ["nova"],
            "availability_zone_hints": [],
            "description": "",
            "tags": [],
            "is_default": False,
            "project_id": project_id,
            "tenant_id": project_id,
        }

    def write_subnet(self, project_id: str) -> Json:
        """Its subnet as Neutron shows it."""
        return {
            "id": self.subnet_id,
            "name": "shared-subnet",
            "network_id": self.id,
            "cidr": str(self.cidr),
            "ip_version": 4,
            "gateway_ip": str(self.cidr[1]),
            "enable_dhcp": True,
            "allocation_pools": [{"start": str(self.cidr[2]), "end": str(self.cidr[-2])}],
            "dns_nameservers": [],
            "host_routes": [],
            "description": "",
            "tags": [],
            "project_id": project_id,
            "tenant_id": project_id,
        }
