"""Directory: where a pod's services are, and which versions its compute speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.service_catalogue import endpoints_in
from chalicelib.adapters.openstack.versions import compute_versions
from chalicelib.adapters.openstack.wire import Wire, WireError
from chalicelib.model.errors import KeystoneUnavailable, NoCredential
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest

READ_TIMEOUT_SECONDS = 10.0


class KeystoneDirectory:
    """Asks Keystone for its catalogue with a pod's own credential, which proves that it works."""

    def __init__(
        self, wire: Wire, credentials: Credentials, client: OpenStackPodClient, interface: str
    ) -> None:
        """``interface`` is the catalogue's: public, internal or admin."""
        self._wire = wire
        self._credentials = credentials
        self._client = client
        self._interface = interface

    def endpoints(self, pod_name: str, credential_ref: str) -> Mapping[str, str]:
        """Service to URL for a region, read afresh: a region may be younger than our token.

        Raises NoCredential when there is none or Keystone refuses it, KeystoneUnavailable.
        """
        url = self._credentials.login(credential_ref).auth_url.rstrip("/") + "/auth/catalog"
        token = self._credentials.token(credential_ref)
        reply = self._ask(url, token)
        if reply.status == 401:
            reply = self._ask(url, self._credentials.token(credential_ref, refused=token))
        if reply.status in (401, 403):
            raise NoCredential(f"Keystone refuses the credential {credential_ref}: {reply.status}")
        return endpoints_in(_catalogue(reply), pod_name, self._interface)

    def microversions(self, pod: Pod) -> tuple[str, str]:
        """The lowest and highest compute microversion the pod speaks. Raises PodUnreachable."""
        return open_versions(self._client, pod)

    def _ask(self, url: str, token: str) -> PodReply:
        try:
            return self._wire.call(
                "GET", url, {"X-Auth-Token": token}, read_timeout_seconds=READ_TIMEOUT_SECONDS
            )
        except WireError as error:
            raise KeystoneUnavailable(f"Keystone doesn't answer: {error}") from error


def open_versions(client: OpenStackPodClient, pod: Pod) -> tuple[str, str]:
    """The microversions that an endpoint tells anybody: whoever named it is sent no token of ours.

    Raises PodUnreachable, also when the answer isn't a version document.
    """
    request = PodRequest("GET", "/", read_timeout_seconds=READ_TIMEOUT_SECONDS)
    return compute_versions(pod, client.send_openly(pod, request))


def _catalogue(reply: PodReply) -> list[Mapping[str, Any]]:
    try:
        catalogue = json.loads(reply.body)["catalog"]
    except (ValueError, KeyError, TypeError) as error:
        raise KeystoneUnavailable(f"Keystone's catalogue can't be read: {reply.status}") from error
    return [service for service in catalogue if isinstance(service, dict)]
