"""Server creation: boot a server in the pod bound to the caller's project, binding one if needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from chalicelib.model.errors import Forbidden, OverQuota, Unavailable
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.locality import Locality
from chalicelib.service.creating.attempts import Attempts, Conclusion
from chalicelib.service.creating.destination import check_hosts, host_in_zone, inside
from chalicelib.service.creating.flavors import Flavors
from chalicelib.service.creating.keypair_imports import KeypairImports
from chalicelib.service.creating.quota_claims import QuotaClaiming
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
    quota: QuotaClaiming
    attempts: Attempts
    client: PodClient
    keypairs: KeypairImports
    remembering: Remembering
    clock: Clock

    def create(self, caller: Caller, order: ServerOrder, request: PodRequest) -> PodAnswer:
        """Create the server in the best pod that can be reached; answers as that pod's Nova did.

        ``request`` is the client's own. Where the quota has room for fewer servers than ``max_count``, but
        for ``min_count``, as many are made as it has room for, as with Nova. Raises NoPod, InvalidField,
        Forbidden, OverQuota, OutcomeUnknown, StoreBusy, Unavailable.
        """
        if order.host and not caller.identity.is_admin:
            raise Forbidden("Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")
        while True:
            try:
                return self._created(caller, order, request)
            except OverQuota as over:
                if not order.least_count <= over.fitting < order.count:
                    raise
                order = order.of_fewer(over.fitting)

    def _created(self, caller: Caller, order: ServerOrder, request: PodRequest) -> PodAnswer:
        def post(pod: Pod) -> PodReply:
            return self.client.send(pod, replace(_in_time(request), body=body_for(pod.pod_az_name, order)))

        def send(pod: Pod) -> PodReply:
            return self.keypairs.before(caller, pod, keypair, lambda: post(pod))

        # Before anybody is asked and room is taken: what can't be made for one pod can't be for another.
        body_for(NO_ZONE_IN_POD, order)
        keypair = self.keypairs.wanted(caller, order.key_name)
        spec, snapshot = self._asked(caller, order)
        take_quota = partial(self.quota.take, caller)
        sent = self.attempts.make(spec, snapshot, send, caller.identity.user_id, take_quota)
        if sent.conclusion is Conclusion.ACCEPTED:
            self.remembering.created(caller, order, sent.chosen, sent.reply, request)
        else:
            self.remembering.not_accepted(sent.chosen, sent.reply)
        return PodAnswer(sent.chosen.pod, sent.reply)

    def _asked(self, caller: Caller, order: ServerOrder) -> tuple[RequestSpec, Snapshot]:
        """What the scheduler is asked, and over which pods: flavor, and pins by what the order names."""
        started, project_id = self.clock(), caller.identity.project_id
        zone, snapshot = self.specs.zone(order.az_name), self.snapshots.current()
        flavor, snapshot = self.flavors.resolve(caller, order.flavor_id, snapshot)
        spec = self.specs.spec_for(
            project_id,
            flavor,
            snapshot,
            started,
            az_name=zone,
            count=order.count,
            boots_from_volume=order.boots_from_volume,
            request_id=caller.request_id,
            pinned_pod_ids=self._pins(caller, order, zone, snapshot),
        )
        return spec, snapshot

    def _pins(
        self, caller: Caller, order: ServerOrder, zone: str | None, snapshot: Snapshot
    ) -> Mapping[str, frozenset[str]]:
        """The pods that hold what the order names. A tenant who names a host gets the pod's own refusal."""
        if not caller.identity.is_admin:
            return self.locality.pins(caller, order.named, snapshot)
        pins = self.locality.pins(caller, (*order.named, *order.hosts), snapshot)
        check_hosts(order, pins, zone, snapshot)
        return pins


def _in_time(request: PodRequest) -> PodRequest:
    """The request itself. Raises Unavailable when its deadline is too near for an answer."""
    if request.deadline.left_seconds() < LEAST_POST_SECONDS:
        raise Unavailable("Choosing a pod took too long; nothing was created.")
    return request


def body_for(zone: str, order: ServerOrder) -> bytes:
    """The client's JSON for a pod: only the zone and hosts are put in the pod's own words.

    The client's own bytes where it names none. A zone that is null, or that the pod hasn't, is left out.
    """
    server, ours = order.body["server"], dict(inside(order))
    if "availability_zone" in server:
        ours["availability_zone"] = zone if order.az_name else ""
        if order.host:
            ours["availability_zone"] = f"{zone or NO_ZONE_IN_POD}:{host_in_zone(order)}"
    if not ours:
        return order.raw
    changed = {key: ours.get(key, value) for key, value in server.items()}
    if not changed.get("availability_zone"):
        changed.pop("availability_zone", None)
    return json.dumps({**order.body, "server": changed}).encode()
