"""A server's migrations: its pod has them, and their ids are those of the list of all migrations."""

from __future__ import annotations

from dataclasses import replace

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import told_by, whole_id
from chalicelib.api.openstack.forwarding import pod_request
from chalicelib.model.pod import Pod
from chalicelib.model.pod_number import split
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVERS

NOBODYS = 0  # Nova counts from 1, so its answer is that there is no such migration


def ask_migrations(call: Call) -> Reply:
    """List, show, complete or abort migrations of a server, as the path says."""
    services, asked = wiring.services(), call.path.get("migration_id", "")
    own: list[str] = []

    def in_its_words(pod: Pod, request: PodRequest) -> PodRequest:
        number = whole_id(asked)
        if number is None:
            return request
        own_id, pods_number = split(number)
        is_its_own = services.all_pods.numbers.of([pod])[pod.pod_id] == pods_number
        own.append(str(own_id if is_its_own else NOBODYS))
        return replace(request, path=request.path.replace(f"/migrations/{asked}", f"/migrations/{own[0]}", 1))

    answer = services.located.send(
        call.caller, SERVERS, call.path["server_id"], pod_request(call, SERVERS.service), in_its_words
    )
    return told_by(answer, call, asked, *own)
