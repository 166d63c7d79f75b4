"""A server's actions and sub-resources: all go to its pod as they are (DESIGN 6, *located*)."""

from __future__ import annotations

from chalicelib.api.nova.routes import compute
from chalicelib.api.nova.servers import to_its_pod
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role

_PARTS = (
    "/servers/{server_id}/{sub}",
    "/servers/{server_id}/{sub}/{key}",
    "/servers/{server_id}/{sub}/{key}/{verb}",
)
_ROLES = {"GET": Role.READER, "POST": Role.MEMBER, "PUT": Role.MEMBER, "DELETE": Role.MEMBER}


def forward_part(call: Call) -> Reply:
    """Actions, metadata, tags, interfaces, volumes, consoles, diagnostics: the pod's Nova knows them."""
    return to_its_pod(call)


for path in _PARTS:
    for method, role in _ROLES.items():
        compute.route(method, path, role=role, kind=Kind.LOCATED)(forward_part)
