"""Servers: boot a server in the pod bound to the caller's project, binding one if needed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import observability
from chalicelib.model.errors import (
    Forbidden,
    NoPod,
    OutcomeUnknown,
    PodUnreachable,
    Trio2oError,
    Unavailable,
)
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.request_spec import RequestSpec
from chalicelib.model.server_order import ServerOrder
from chalicelib.service.asking.answer import PodAnswer
from chalicelib.service.asking.troubles import Troubles
from chalicelib.service.creating.binding import Binder, Placement
from chalicelib.service.creating.flavors import Flavors
from chalicelib.service.creating.locality import Locality
from chalicelib.service.creating.remembering import Remembering
from chalicelib.service.observing.snapshots import Snapshots
from chalicelib.service.ports import Clock, PodClient, PodReply, PodRequest

MOST_PODS = 3  # that one create tries
# A POST must have its answer, or its time-out, before the request's deadline: afterwards nobody would
# be left to say that its outcome is unknown.
LEAST_POST_SECONDS = 2.0
NO_ZONE_IN_POD = "nova"  # the zone's name in a pod that has none of its own


@dataclass(frozen=True, slots=True)
class Servers:
    """Creates servers (DESIGN 5, first half).

    ``default_az_name`` is the zone of requests that ask for none; empty: any zone.
    """

    snapshots: Snapshots
    flavors: Flavors
    locality: Locality
    binder: Binder
    client: PodClient
    remembering: Remembering
    troubles: Troubles
    clock: Clock
    default_az_name: str = ""

    def create(self, caller: Caller, order: ServerOrder, request: PodRequest) -> PodAnswer:
        """Choose a pod, bind, and create the server there; answers as that pod's Nova did.

        ``request`` is the client's own. A pod that can't be reached is passed over for the next,
        ``MOST_PODS`` at most. Raises NoPod, InvalidField, Forbidden, OutcomeUnknown, Unavailable.
        """
        if order.host and not caller.identity.is_admin:
            raise Forbidden("Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")
        started = self.clock()
        az_name = order.az_name or self.default_az_name
        flavor, pods = self.flavors.resolve(caller, order.flavor_id, self.snapshots.current(), az_name)
        spec = RequestSpec(
            project_id=caller.identity.project_id,
            flavor=flavor,
            need=flavor.need(order.boots_from_volume).times(order.count),
            requested_at=started,
            az_name=az_name or None,
            count=order.count,
            request_id=caller.request_id,
            pinned_pod_ids=self.locality.pins(caller, order.named, pods),
        )
        spec = self.troubles.noted_in(spec, pods)
        for _ in range(MOST_PODS):
            placement = self._place(spec, pods, caller.identity.user_id)
            try:
                reply = self._post(placement.pod, order, _in_time(request))
            except PodUnreachable as error:
                if error.sent:
                    # Its claim stays and ends with its minute: by then a report shows what came of it.
                    raise self._unknown(placement, error) from error
                placement.release()
                observability.logger().warning("pod unreachable on create", extra=_names(placement))
                spec = spec.failed_in(placement.pod.pod_id)
                continue
            except Trio2oError:
                placement.release()  # it was never sent
                raise
            if 400 <= reply.status < 500:
                placement.release()
            observability.count_create(placement.action, reply.status)
            self.remembering.created(caller, order, placement, reply, request)
            return PodAnswer(placement.pod, reply)
        raise Unavailable("The pods that could take the server don't answer now.")

    def _place(self, spec: RequestSpec, pods: Sequence[Pod], user_id: str) -> Placement:
        try:
            return self.binder.bind(spec, pods, user_id)
        except NoPod as error:
            if spec.failed_pod_ids:
                raise Unavailable("The pod that could take the server doesn't answer now.") from error
            raise

    def _post(self, pod: Pod, order: ServerOrder, request: PodRequest) -> PodReply:
        return self.client.send(pod, replace(request, body=body_for(pod, order)))

    def _unknown(self, placement: Placement, error: PodUnreachable) -> OutcomeUnknown:
        observability.logger().error("create outcome unknown: " + str(error), extra=_names(placement))
        return OutcomeUnknown("The outcome of the create is unknown; list servers before trying again.")


def _in_time(request: PodRequest) -> PodRequest:
    """The request itself. Raises Unavailable when its deadline is too near for an answer."""
    if request.deadline.left_seconds() < LEAST_POST_SECONDS:
        raise Unavailable("Choosing a pod took too long; nothing was created.")
    return request


def body_for(pod: Pod, order: ServerOrder) -> bytes:
    """The client's JSON for a pod: only the zone is put in the pod's own words (DESIGN 5, step 3).

    Untouched bytes where no zone was asked for.
    """
    server = order.body["server"]
    if "availability_zone" not in server:
        return order.raw
    if order.az_name is None and not order.host:
        return json.dumps({**order.body, "server": _without_zone(server)}).encode()
    zone = pod.pod_az_name
    if order.host:
        zone = f"{zone or NO_ZONE_IN_POD}:{order.host}"
    changed = _without_zone(server)
    if zone:
        changed = {key: zone if key == "availability_zone" else value for key, value in server.items()}
    return json.dumps({**order.body, "server": changed}).encode()


def _without_zone(server: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in server.items() if key != "availability_zone"}


def _names(placement: Placement) -> Mapping[str, str]:
    return {"pod": placement.pod.pod_name, "decision_id": placement.decision.decision_id}
