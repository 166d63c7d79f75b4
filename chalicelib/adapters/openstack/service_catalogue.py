"""Service catalogue: Keystone's list of who serves what where, in our words."""

from __future__ import annotations

import re

from keystoneauth1.access.service_catalog import ServiceCatalog

# Our word for a service, and Keystone's types for it, the first that exists.
_TYPES = {
    "compute": ("compute",),
    "placement": ("placement",),
    "image": ("image",),
    "network": ("network",),
    "volume": ("block-storage", "volumev3", "block-store"),
}
# Some catalogues put the token's project at the end, which no other project may use; Nova and
# Cinder's v3 are the same without.
_PROJECT = re.compile(r"/(AUTH_)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$")


def endpoints_in(catalogue: ServiceCatalog, region: str, interface: str) -> dict[str, str]:
    """Service to URL in one region, without a project's id at the end."""
    # Of all types at once: asked for one, the catalogue would take volumev2 for it too.
    listed = catalogue.get_endpoints_data(interface=interface, region_name=region)
    found = {
        service: [e for kind in types for e in listed.get(kind, ())] for service, types in _TYPES.items()
    }
    return {
        service: _PROJECT.sub("", str(endpoints[0].url).rstrip("/"))
        for service, endpoints in found.items()
        if endpoints
    }
