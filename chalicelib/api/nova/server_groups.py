"""Making a server group, of which a project may have so many."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.openstack.forwarding import pod_request, reply_of
from chalicelib.model.resource import SERVER_GROUPS


def create_server_group(call: Call) -> Reply:
    """Make a group in the project's home pod, if its quota has room for one more."""
    request = pod_request(call, SERVER_GROUPS.service)
    return reply_of(wiring.services().server_groups.create(call.caller, request), call)
