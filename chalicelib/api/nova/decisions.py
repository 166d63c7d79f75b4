"""Why a tenant's own server is where it is, in words that show nothing of pods."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.openstack.forwarding import pod_request
from chalicelib.model.errors import InvalidField
from chalicelib.model.resource import SERVERS
from chalicelib.scheduler.decision_text import tenant_text, tenant_view


def show_own_decision(call: Call) -> Reply:
    """Action, zone, counts and reasons by filter; ``?format=text`` makes it readable in a terminal."""
    wanted = call.query.get("format", ("json",))[-1]
    if wanted not in ("json", "text"):
        raise InvalidField("format", "Invalid input for query parameters format: it must be json or text")
    server_id = call.path["server_id"]
    lookup = pod_request(call, SERVERS.service, SERVERS.path_of(server_id), query=())
    decision = wiring.services().explaining.of_own_server(call.caller, server_id, lookup)
    if wanted == "text":
        return Reply(200, tenant_text(decision), {"Content-Type": "text/plain; charset=utf-8"})
    return Reply(200, {"trio2o_decision": tenant_view(decision)})
