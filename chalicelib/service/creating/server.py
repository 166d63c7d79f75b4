"""Server creation: boot a server in the pod bound to the caller's project, binding one if needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.model.errors import Forbidden, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.creating.attempts import Attempts, Conclusion
from chalicelib.service.creating.flavors import Flavors
from chalicelib.service.creating.locality import Locality
from chalicelib.service.creating.remembering import Remembering
from chalicelib.service.creating.spec import Specs
from chalicelib.service.observing.snapshots import Snapshots
from chalicelib.service.ports import Clock, PodClient

# A POST must have its answer, or its time-out, before the request's deadline: afterwards nobody would
# be left to say that its outcome is unknown.
LEAST_POST_SECONDS = 2.0
NO_ZONE_IN_POD = "nova"  # the zone's name in a pod that has none of its own


@dataclass(frozen=True, slots=True)
class ServerCreation:
    """Creates servers: choose, claim and bind, send, conclude, and remember where they are."""

    snapshots: Snapshots
    flavors: Flavors
    locality: Locality
    specs: Specs
    attempts: Attempts
    client: PodClient
    remembering: Remembering
    clock: Clock

    def create(self, caller: Caller, order: ServerOrder, request: PodRequest) -> PodAnswer:
        """Create the server in the best pod that can be reached; answers as that pod's Nova did.

        ``request`` is the client's own. Raises NoPod, InvalidField, Forbidden, OutcomeUnknown, StoreBusy,
        Unavailable.
        """
        if order.host and not caller.identity.is_admin:
            raise Forbidden("Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")

        def send(pod: Pod) -> PodReply:
            return self.client.send(pod, replace(_in_time(request), body=body_for(pod.pod_az_name, order)))

        # Before anybody is asked and room is taken: what can't be made for one pod can't be for another.
        body_for(NO_ZONE_IN_POD, order)
        spec, snapshot = self._asked(caller, order)
        sent = self.attempts.make(spec, snapshot, send, caller.identity.user_id)
        if sent.conclusion is Conclusion.ACCEPTED:
            self.remembering.created(caller, order, sent.chosen, sent.reply, request)
        return PodAnswer(sent.chosen.pod, sent.reply)

    def _asked(self, caller: Caller, order: ServerOrder) -> tuple[RequestSpec, Snapshot]:
        """What the scheduler is asked, and over which pods: flavor, and pins by what the order names."""
        started, project_id = self.clock(), caller.identity.project_id
        zone, snapshot = self.specs.zone(order.az_name), self.snapshots.current()
        flavor, snapshot = self.flavors.resolve(caller, order.flavor_id, snapshot, zone)
        spec = self.specs.spec_for(
            project_id,
            flavor,
            snapshot,
            started,
            az_name=zone,
            count=order.count,
            boots_from_volume=order.boots_from_volume,
            request_id=caller.request_id,
            pinned_pod_ids=self.locality.pins(caller, order.named, snapshot),
        )
        return spec, snapshot


def _in_time(request: PodRequest) -> PodRequest:
    """The request itself. Raises Unavailable when its deadline is too near for an answer."""
    if request.deadline.left_seconds() < LEAST_POST_SECONDS:
        raise Unavailable("Choosing a pod took too long; nothing was created.")
    return request


def body_for(zone: str, order: ServerOrder) -> bytes:
    """The client's JSON for a pod: only the zone is put in the pod's own words, which may have none.

    The client's own bytes where it doesn't write ``availability_zone``; one that is null is left out.
    """
    server = order.body["server"]
    if "availability_zone" not in server:
        return order.raw
    if order.az_name is None and not order.host:
        return json.dumps({**order.body, "server": _without_zone(server)}).encode()
    if order.host:
        zone = f"{zone or NO_ZONE_IN_POD}:{order.host}"
    changed = _without_zone(server)
    if zone:
        changed = {key: zone if key == "availability_zone" else value for key, value in server.items()}
    return json.dumps({**order.body, "server": changed}).encode()


def _without_zone(server: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in server.items() if key != "availability_zone"}
