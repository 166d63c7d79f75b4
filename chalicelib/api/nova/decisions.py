"""Why a tenant's own server is where it is, or why there is none, in words that show nothing of pods."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.json_body import refuse_long_id
from chalicelib.api.openstack.forwarding import pod_request
from chalicelib.model.errors import InvalidField
from chalicelib.model.resource import SERVERS
from chalicelib.scheduler.decision_text import tenant_text, tenant_view

_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def show_own_decision(call: Call) -> Reply:
    """Action, zone, counts and reasons by filter; ``?format=text`` makes it readable in a terminal."""
    wanted = _format(call)
    server_id = call.path["server_id"]
    lookup = pod_request(call, SERVERS.service, SERVERS.path_of(server_id), query=())
    decision = wiring.services().explaining.of_own_server(call.caller, server_id, lookup)
    if wanted == "text":
        return Reply(200, tenant_text(decision), _PLAIN)
    return Reply(200, {"trio2o_decision": tenant_view(decision)})


def list_own_decisions(call: Call) -> Reply:
    """The same of a request, though it created nothing: by the id that its answer had, or by ours beside it.

    The last attempt comes first. A request of another project's, and one that decided nothing, has none.
    """
    wanted = _format(call)
    request_id = call.query.get("request_id", ("",))[-1]
    if not request_id:
        raise InvalidField("request_id", "Invalid input for query parameters request_id: it must be given")
    refuse_long_id("request_id", request_id)
    found = wiring.services().explaining.of_own_request(call.caller, request_id)
    if wanted == "text":
        return Reply(200, "\n".join(tenant_text(decision) for decision in found), _PLAIN)
    return Reply(200, {"trio2o_decisions": [tenant_view(decision) for decision in found]})


def _format(call: Call) -> str:
    wanted = call.query.get("format", ("json",))[-1]
    if wanted not in ("json", "text"):
        raise InvalidField("format", "Invalid input for query parameters format: it must be json or text")
    return wanted
