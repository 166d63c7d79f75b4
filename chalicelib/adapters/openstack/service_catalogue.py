"""Service catalogue: finds a region's endpoints in Keystone's service catalogue."""

from __future__ import annotations

import re

from keystoneauth1.access.service_catalog import ServiceCatalog, ServiceCatalogV3

from chalicelib.model.errors import Unproven

# Our name of a service, and the types under which Keystone may list it; the first that is listed counts.
_TYPES = {
    "compute": ("compute",),
    "placement": ("placement",),
    "image": ("image",),
    "network": ("network",),
    "volume": ("block-storage", "volumev3", "block-store"),
}
# Some service catalogues put the token's project at the end of a URL, which no other project may then use.
# Nova and Cinder (v3) serve the same without it.
_PROJECT = re.compile(r"/(AUTH_)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$")


MOST_TOLD = 50


def endpoints_in(catalogue: ServiceCatalog, region: str, interface: str) -> dict[str, str]:
    """The URL of each service in one region, without a project's id at the end.

    Raises Unproven, with the regions that there are, when the service catalogue has nothing in this one.
    """
    regions = _regions(catalogue)
    if region not in regions:
        told = ", ".join(regions[:MOST_TOLD]) or "none"
        more = f" and {len(regions) - MOST_TOLD} more" if len(regions) > MOST_TOLD else ""
        raise Unproven(
            f"Keystone's service catalogue has no region {region}; there are {told}{more}", "pod_name"
        )
    # keystoneauth stumbles over an endpoint that lacks one of these, and nobody could use it anyway.
    usable = ServiceCatalogV3(
        [
            {**each, "endpoints": [e for e in each.get("endpoints", ()) if "url" in e and "interface" in e]}
            for each in catalogue.catalog
        ]
    )
    # keystoneauth is asked for all types at once: asked for a volume type, it would give volumev2 for it too.
    listed = usable.get_endpoints_data(interface=interface, region_name=region)
    found = {
        service: [e for name in types for e in listed.get(name, ())] for service, types in _TYPES.items()
    }
    return {
        service: _PROJECT.sub("", str(endpoints[0].url).rstrip("/"))
        for service, endpoints in found.items()
        if endpoints
    }


def _regions(catalogue: ServiceCatalog) -> list[str]:
    """The names of all regions, whatever services they have."""
    endpoints = [each for service in catalogue.catalog for each in service.get("endpoints", ())]
    return sorted({str(name) for e in endpoints if (name := e.get("region_id") or e.get("region"))})
