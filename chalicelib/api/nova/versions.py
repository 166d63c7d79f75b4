"""Version discovery, without a token, as keystoneauth and gophercloud read it."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.openstack.forwarding import LEGACY_PREFIX


def list_versions(call: Call) -> Reply:
    """The versions of the compute API: the legacy one, and the one with microversions."""
    return Reply(200, {"versions": [_legacy(call), _version(call)]})


def show_version(call: Call) -> Reply:
    """The version that the path names, with its media types."""
    is_legacy = LEGACY_PREFIX in (call.prefix, call.raw_path.rstrip("/"))
    document = _legacy(call) if is_legacy else _version(call)
    number = "2" if is_legacy else "2.1"
    document["media-types"] = [
        {"base": "application/json", "type": f"application/vnd.openstack.compute+json;version={number}"}
    ]
    document["links"].append(
        {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}
    )
    return Reply(200, {"version": document})


def _legacy(call: Call) -> dict[str, Any]:
    return {
        "id": "v2.0",
        "status": "DEPRECATED",
        "version": "",
        "min_version": "",
        "updated": "2025-07-04T12:00:00Z",
        "links": [{"rel": "self", "href": f"{call.base_url}/v2/"}],
    }


def _version(call: Call) -> dict[str, Any]:
    low, high = wiring.services().roster.microversions()
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": str(high),
        "min_version": str(low),
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{call.base_url}/v2.1/"}],
    }
