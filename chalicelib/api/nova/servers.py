"""Creating a server: the one route of Nova's for which the scheduler chooses a pod."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.server_create import read_idempotency_key, read_server_create
from chalicelib.api.openstack.forwarding import pod_request, reply_of
from chalicelib.model.resource import SERVERS


def create_server(call: Call) -> Reply:
    """Boot a server in the pod bound to the caller's project, binding one if needed."""
    order, key = read_server_create(call), read_idempotency_key(call)
    request, services = pod_request(call, SERVERS.service), wiring.services()
    with services.rates.create(call.caller):
        answer = services.servers.create(call.caller, order, request, key)
    return reply_of(answer, call)
