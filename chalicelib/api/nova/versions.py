"""Version discovery, without a token, as keystoneauth and gophercloud read it."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.faults import Unserved
from chalicelib.api.openstack.forwarding import LEGACY_PREFIX


def list_versions(call: Call) -> Reply:
    """The versions of the compute API: the legacy one, and the one with microversions."""
    return Reply(200, {"versions": [_legacy(call), _version(call)]})


def show_version(call: Call) -> Reply:
    """The version that the path leads to, with its media types."""
    is_legacy = LEGACY_PREFIX in (call.prefix, call.raw_path.rstrip("/"))
    return _shown(_legacy(call) if is_legacy else _version(call))


def show_named_version(call: Call) -> Reply:
    """The version whose id the path names. Raises Unserved for any other."""
    for document in (_legacy(call), _version(call)):
        if call.path["version_id"] == document["id"]:
            return _shown(document)
    raise Unserved


def _shown(document: dict[str, Any]) -> Reply:
    number = document["id"].removeprefix("v").removesuffix(".0")
    media_type = f"application/vnd.openstack.compute+json;version={number}"
    described = {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}
    document["links"].append(described)
    document["media-types"] = [{"base": "application/json", "type": media_type}]
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
