"""Version discovery, without a token, as keystoneauth and gophercloud read it."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply


def list_versions(call: Call) -> Reply:
    """The versions of the compute API, of which there is one."""
    return Reply(200, {"versions": [_version(call)]})


def show_version(call: Call) -> Reply:
    """That version, with its media types."""
    document = _version(call)
    document["media-types"] = [
        {"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}
    ]
    return Reply(200, {"version": document})


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
