"""Labels: one tag or metadata item of a server. The marker of its create is none of them."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.openstack.forwarding import pod_request, reply_of
from chalicelib.model.errors import LabelNotFound
from chalicelib.model.intent import marker_in
from chalicelib.model.resource import SERVERS


def ask_tag(call: Call) -> Reply:
    """Show or delete a tag, as the server's pod does."""
    server_id, tag = call.path["server_id"], call.path["tag"]
    return _unless_marker(call, tag, f"Server {server_id} has no tag '{tag}'")


def ask_metadata_item(call: Call) -> Reply:
    """Show or delete a metadata item, as the server's pod does."""
    return _unless_marker(call, call.path["key"], "Metadata item was not found")


def _unless_marker(call: Call, label: str, told: str) -> Reply:
    if marker_in(label) is not None:
        raise LabelNotFound(label, told)
    answer = wiring.services().located.send(
        call.caller, SERVERS, call.path["server_id"], pod_request(call, SERVERS.service)
    )
    return reply_of(answer, call)
