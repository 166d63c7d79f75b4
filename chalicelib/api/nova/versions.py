"""Version discovery, without a token, as keystoneauth and gophercloud read it (DESIGN 6)."""

from __future__ import annotations

import re
from typing import Any

from chalicelib import wiring
from chalicelib.api.nova.dialect import NOVA
from chalicelib.api.nova.routes import discovery
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role

_PROJECT_ID = re.compile(r"[0-9a-f-]+")  # Nova's [api]project_id_regex: all else is an unknown path


@discovery.route("GET", "/", role=Role.ANYONE, kind=Kind.OWN)
def list_versions(call: Call) -> Reply:
    """The versions of the compute API: one."""
    return Reply(200, {"versions": [_version(call)]})


def show_version(call: Call) -> Reply:
    """The one version; a client may ask below the catalogue's URL, project id included."""
    if not _PROJECT_ID.fullmatch(call.path.get("project_id", "0")):
        return NOVA.unserved(call, ())
    document = _version(call)
    document["media-types"] = [
        {"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}
    ]
    return Reply(200, {"version": document})


for path in ("/v2.1", "/v2.1/{project_id}"):
    discovery.route("GET", path, role=Role.ANYONE, kind=Kind.OWN)(show_version)


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
