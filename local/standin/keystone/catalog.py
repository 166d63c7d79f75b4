"""The service catalogue: regions and their endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from local.standin.ids import named_hex
from local.standin.message import Json

SERVICES = {
    "identity": "keystone",
    "compute": "nova",
    "placement": "placement",
    "image": "glance",
    "network": "neutron",
}
INTERFACES = ("public", "internal", "admin")


class Catalog:
    """Each region's endpoint of each service type; all three interfaces share one URL."""

    def __init__(self) -> None:
        self._regions: dict[str, dict[str, str]] = {}

    def add_region(self, region: str, endpoints: Mapping[str, str]) -> None:
        """Add a region, or replace it. ``endpoints`` maps a service type to a URL."""
        self._regions = {**self._regions, region: dict(endpoints)}

    def endpoint(self, region: str, service_type: str) -> str:
        """One region's URL of a service type."""
        return self._regions[region][service_type]

    def regions(self) -> list[Json]:
        return [{"id": name, "description": "", "parent_region_id": None} for name in self._regions]

    def services(self) -> list[Json]:
        return [
            {
                "id": named_hex(f"service:{service_type}"),
                "type": service_type,
                "name": name,
                "enabled": True,
                "description": "",
            }
            for service_type, name in SERVICES.items()
        ]

    def endpoints(self) -> list[Json]:
        """Every endpoint, once for each interface."""
        return [
            {
                "id": named_hex(f"endpoint:{region}:{service_type}:{interface}"),
                "service_id": named_hex(f"service:{service_type}"),
                "interface": interface,
                "region": region,
                "region_id": region,
                "url": url,
                "enabled": True,
            }
            for region, urls in self._regions.items()
            for service_type, url in urls.items()
            for interface in INTERFACES
        ]

    def in_token(self) -> list[Json]:
        """The service catalogue as a token carries it."""
        shown = ("id", "interface", "region", "region_id", "url")
        by_service: dict[str, list[Json]] = {}
        for endpoint in self.endpoints():
            short = {key: endpoint[key] for key in shown}
            by_service.setdefault(endpoint["service_id"], []).append(short)
        return [
            {"id": s["id"], "type": s["type"], "name": s["name"], "endpoints": by_service.get(s["id"], [])}
            for s in self.services()
        ]
