"""Flavor lookup: asks one pod for a flavor that its last report doesn't hold."""

from __future__ import annotations

from chalicelib.adapters.openstack.client import Sender, segment
from chalicelib.adapters.openstack.flavors import MICROVERSION, read_flavor
from chalicelib.adapters.openstack.trusted import document, mapping
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.flavor import Flavor
from chalicelib.model.identity import Caller
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import NOT_FOR_CALLER, PodRequest, has, no_answer

READ_TIMEOUT_SECONDS = 5.0


class OpenStackFlavorLookup:
    """Asks with the caller's token, so that Nova shows a private flavor only to those who may use it."""

    def __init__(self, client: Sender) -> None:
        self._client = client

    def flavor(self, pod: Pod, flavor_id: str, caller: Caller) -> Flavor | None:
        """The flavor; None when the pod doesn't have it or doesn't show it to the caller.

        Raises PodUnreachable, also when the reply is no answer or shows a flavor that can't be true.
        """
        request = PodRequest(
            "GET",
            f"/flavors/{segment(flavor_id)}",
            headers={"Accept": "application/json", "OpenStack-API-Version": f"compute {MICROVERSION}"},
            token=caller.token,
            identity=caller.identity,
            request_id=caller.request_id,
            read_timeout_seconds=READ_TIMEOUT_SECONDS,
        )
        reply = self._client.send(pod, request)
        if not has(pod, reply, NOT_FOR_CALLER):
            return None
        try:
            # None: no list of projects is needed, since the pod shows this caller only what it may use.
            return read_flavor(mapping(document(reply.body, "flavor").get("flavor"), "flavor"), None)
        except UntrustedReport as error:
            raise no_answer(pod, reply) from error
