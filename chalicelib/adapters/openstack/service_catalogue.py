"""Service catalogue: Keystone's list of who serves what where, in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

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


def endpoints_in(catalogue: Sequence[Mapping[str, Any]], region: str, interface: str) -> dict[str, str]:
    """Service to URL in one region, without a project's id at the end."""
    found: dict[str, str] = {}
    for service, types in _TYPES.items():
        urls = (_url(catalogue, wanted, region, interface) for wanted in types)
        url = next((url for url in urls if url), "")
        if url:
            found[service] = _PROJECT.sub("", url.rstrip("/"))
    return found


def _url(catalogue: Sequence[Mapping[str, Any]], wanted: str, region: str, interface: str) -> str:
    for service in catalogue:
        if service.get("type") != wanted:
            continue
        for endpoint in service.get("endpoints", ()):
            in_region = region in (endpoint.get("region_id"), endpoint.get("region"))
            if in_region and endpoint.get("interface") == interface:
                return str(endpoint.get("url", ""))
    return ""
