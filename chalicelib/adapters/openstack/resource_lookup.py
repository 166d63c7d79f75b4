"""Resource lookup: asks one pod whether it holds a network, volume, image, host or the like."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.adapters.openstack.client import Sender, segment
from chalicelib.adapters.openstack.trusted import document
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.identity import Caller
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import NOT_FOR_CALLER, PodReply, PodRequest, has, no_answer
from chalicelib.model.resource import SERVERS, is_uuid

READ_TIMEOUT_SECONDS = 5.0
# Some service catalogues put a service's version into its URL.
_VERSIONS = ("/v2.0", "/v2")
_SEARCHING_HYPERVISORS = "compute 2.53"  # by a part of their hostnames


class _Shown(NamedTuple):
    """What is asked for by its id, and shown or not."""

    service: str
    collection: str


class _Listed(NamedTuple):
    """What is asked for as a list of rows; ``key`` is the row's field that must be the id.

    ``query`` is what comes before the id in the query; empty: the key.
    """

    service: str
    collection: str
    rows: str
    key: str
    query: str = ""


_PATHS: dict[Noun, _Shown | _Listed] = {
    Noun.NETWORK: _Shown("network", "/v2.0/networks"),
    Noun.PORT: _Shown("network", "/v2.0/ports"),
    Noun.VOLUME: _Shown("volume", "/volumes"),
    Noun.SNAPSHOT: _Shown("volume", "/snapshots"),
    Noun.SERVER_GROUP: _Shown("compute", "/os-server-groups"),
    Noun.IMAGE: _Shown("image", "/v2/images"),
    Noun.FLOATING_IP: _Listed("network", "/v2.0/floatingips", "floatingips", "floating_ip_address"),
    Noun.SECURITY_GROUP: _Listed("network", "/v2.0/security-groups", "security_groups", "name"),
    Noun.HOST: _Listed("compute", "/os-services", "services", "host", "binary=nova-compute&host"),
    Noun.HYPERVISOR: _Listed(
        "compute", "/os-hypervisors", "hypervisors", "hypervisor_hostname", "hypervisor_hostname_pattern"
    ),
}


class OpenStackResourceLookup:
    """Asks with the caller's token, so that what a tenant may not see counts as not there."""

    def __init__(self, client: Sender) -> None:
        self._client = client

    def holds(self, pod: Pod, named: NamedResource, caller: Caller) -> bool:
        """Whether the pod shows the resource to the caller. False if the pod hasn't the service for it.

        Raises PodUnreachable, also for a reply that says neither yes nor no.
        """
        asked = _asked(named)
        endpoint = pod.endpoints.get(asked.service, "").rstrip("/")
        if not endpoint:
            return False
        collection = asked.collection
        for version in _VERSIONS:
            if endpoint.endswith(version):
                collection = collection.removeprefix(version)
        lead = f"?{asked.query or asked.key}=" if isinstance(asked, _Listed) else "/"
        headers = {"Accept": "application/json"}
        if named.noun is Noun.HYPERVISOR:
            headers["OpenStack-API-Version"] = _SEARCHING_HYPERVISORS
        request = PodRequest(
            "GET",
            f"{collection}{lead}{segment(named.resource_id)}",
            asked.service,
            headers=headers,
            token=caller.token,
            identity=caller.identity,
            request_id=caller.request_id,
            read_timeout_seconds=READ_TIMEOUT_SECONDS,
        )
        reply = self._client.send(pod, request)
        if asked.service != SERVERS.service and reply.is_marked and reply.status in NOT_FOR_CALLER:
            return False  # Glance refuses by a page, and so does Neutron what it has no extension for
        if not has(pod, reply, NOT_FOR_CALLER):
            return False
        return isinstance(asked, _Shown) or _lists(pod, reply, asked, named.resource_id)


def _asked(named: NamedResource) -> _Shown | _Listed:
    """A security group may be named by its id or by its name."""
    if named.noun is Noun.SECURITY_GROUP and is_uuid(named.resource_id):
        return _Shown("network", "/v2.0/security-groups")
    return _PATHS[named.noun]


def _lists(pod: Pod, reply: PodReply, asked: _Listed, wanted: str) -> bool:
    """Whether a row is the one wanted: a service may have listed others too."""
    try:
        rows = document(reply.body, asked.rows).get(asked.rows)
    except UntrustedReport as error:
        raise no_answer(pod, reply) from error
    if not isinstance(rows, list):
        raise no_answer(pod, reply)
    return any(isinstance(row, dict) and row.get(asked.key) == wanted for row in rows)
