"""Server creation: boot a server in the pod bound to the caller's project, binding one if needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from chalicelib.model.errors import Forbidden, OutcomePending, OverQuota
from chalicelib.model.identity import Caller
from chalicelib.model.marked import Place, place_for
from chalicelib.model.microversion import Microversion
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.server_order import ServerOrder
from chalicelib.model.snapshot import Snapshot
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.locality import Locality
from chalicelib.service.creating.attempts import Attempts, Conclusion, Lost
from chalicelib.service.creating.destination import check_hosts
from chalicelib.service.creating.finding import Finding
from chalicelib.service.creating.flavors import Flavors
from chalicelib.service.creating.intents import Intents
from chalicelib.service.creating.keypair_imports import KeypairImports
from chalicelib.service.creating.making import NO_ZONE_IN_POD, Making, body_for
from chalicelib.service.creating.quota_claims import QuotaClaiming
from chalicelib.service.creating.remembering import Remembering
from chalicelib.service.creating.repeats import Repeats, digest_of
from chalicelib.service.creating.spec import Specs
from chalicelib.service.observing.snapshots import Snapshots
from chalicelib.service.ports import Clock, PodClient


@dataclass(frozen=True, slots=True)
class ServerCreation:
    """Creates servers: choose, claim, write down, send, conclude, and remember where they are."""

    snapshots: Snapshots
    flavors: Flavors
    locality: Locality
    specs: Specs
    quota: QuotaClaiming
    attempts: Attempts
    client: PodClient
    keypairs: KeypairImports
    remembering: Remembering
    intents: Intents
    finding: Finding
    repeats: Repeats
    clock: Clock

    def create(self, caller: Caller, order: ServerOrder, request: PodRequest, key: str = "") -> PodAnswer:
        """Create the server in the best pod that can be reached; answers as that pod's Nova did.

        ``request`` is the client's own, and ``key`` its ``Idempotency-Key``: with the same key, the same
        request gets the same answer, and no second server is made. Where the quota has room for fewer servers
        than ``max_count``, but for ``min_count``, as many are made as it has room for, as with Nova. Raises
        NoPod, InvalidField, Forbidden, OverQuota, KeyReused, StillCreating, OutcomeUnknown, OutcomePending,
        StoreBusy, Unavailable.
        """
        if order.host and not caller.identity.is_admin:
            raise Forbidden("Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")
        earlier = self.repeats.known(caller.identity.project_id, key, request)
        intent = self.intents.of(caller, key, digest_of(request) if key else "", earlier)
        place = self._place(caller, order, request)
        making = Making(caller, order, request, intent, place, self.client, self.remembering.locations)
        answer = self.repeats.answer(making, earlier) if earlier else None
        if answer is not None:
            return answer
        while True:
            try:
                return self._created(making)
            except OverQuota as over:
                if not making.order.least_count <= over.fitting < making.order.count:
                    raise
                making = replace(making, order=making.order.of_fewer(over.fitting))

    def _place(self, caller: Caller, order: ServerOrder, request: PodRequest) -> Place | None:
        identity = caller.identity
        version = Microversion.parse(request.headers.get("x-openstack-nova-api-version", "2.1"))
        most = self.quota.quotas.limit_of(identity.project_id, identity.user_id, "metadata_items")
        return place_for(order.body["server"], version, most)

    def _created(self, making: Making) -> PodAnswer:
        def send(pod: Pod) -> PodReply:
            return self.keypairs.before(caller, pod, keypair, lambda: making.post(pod))

        caller, order, intent = making.caller, making.order, making.intent
        # Before anybody is asked and room is taken: what can't be made for one pod can't be for another.
        body_for(NO_ZONE_IN_POD, order)
        keypair = self.keypairs.wanted(caller, order.key_name)
        spec, snapshot = self._asked(caller, order)
        take_quota = partial(self.quota.take, caller)
        try:
            sent = self.attempts.make(
                spec, snapshot, send, caller.identity.user_id, take_quota, intent=intent
            )
        except Lost as lost:
            found = self.finding.made(making, lost.chosen.pod)
            if found is None and intent.has_key:
                raise OutcomePending from lost
            if found is None:
                raise
            return found
        if sent.conclusion is Conclusion.UNKNOWN:
            found = self.finding.made(making, sent.chosen.pod)
            if found is not None:
                return found
        if sent.conclusion is Conclusion.ACCEPTED:
            self.remembering.created(making, sent.chosen, sent.reply)
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
