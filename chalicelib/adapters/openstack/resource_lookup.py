"""Resource lookup: asks one pod whether it holds a network, port, volume, volume snapshot or server group."""

from __future__ import annotations

from chalicelib.adapters.openstack.client import Sender, segment
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import NOT_FOR_CALLER, PodRequest, has

READ_TIMEOUT_SECONDS = 5.0
_PATHS = {
    Noun.NETWORK: ("network", "/v2.0/networks"),
    Noun.PORT: ("network", "/v2.0/ports"),
    Noun.VOLUME: ("volume", "/volumes"),
    Noun.SNAPSHOT: ("volume", "/snapshots"),
    Noun.SERVER_GROUP: ("compute", "/os-server-groups"),
}


class OpenStackResourceLookup:
    """Asks with the caller's token, so that what a tenant may not see counts as not there."""

    def __init__(self, client: Sender) -> None:
        self._client = client

    def holds(self, pod: Pod, named: NamedResource, token: str, request_id: str) -> bool:
        """Whether the pod shows the resource to the caller. False if the pod hasn't the service for it.

        Raises PodUnreachable, also for a reply that says neither yes nor no.
        """
        service, collection = _PATHS[named.noun]
        endpoint = pod.endpoints.get(service)
        if not endpoint:
            return False
        if endpoint.rstrip("/").endswith(
            "/v2.0"
        ):  # some service catalogues put Neutron's version into its URL
            collection = collection.removeprefix("/v2.0")
        request = PodRequest(
            "GET",
            f"{collection}/{segment(named.resource_id)}",
            service,
            headers={"Accept": "application/json"},
            token=token,
            request_id=request_id,
            read_timeout_seconds=READ_TIMEOUT_SECONDS,
        )
        return has(pod, self._client.send(pod, request), NOT_FOR_CALLER)
