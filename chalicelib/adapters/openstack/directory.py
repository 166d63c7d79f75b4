"""Directory: where a pod's services are, and which microversions its Nova speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping

from keystoneauth1.access.service_catalog import ServiceCatalogV3

from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.service_catalogue import endpoints_in
from chalicelib.adapters.openstack.versions import compute_versions
from chalicelib.adapters.openstack.wire import Wire, WireError
from chalicelib.model.errors import KeystoneUnavailable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest

READ_TIMEOUT_SECONDS = 10.0


class KeystoneDirectory:
    """Asks Keystone for its service catalogue, with a pod's credential or with a caller's token."""

    def __init__(
        self, credentials: Credentials, client: OpenStackPodClient, wire: Wire, auth_url: str, interface: str
    ) -> None:
        """``auth_url`` is Keystone's address and ends in /v3. ``interface`` says which endpoints count:
        public, internal or admin.
        """
        self._credentials = credentials
        self._client = client
        self._wire = wire
        self._url = auth_url.rstrip("/") + "/auth/catalog"
        self._interface = interface

    def endpoints(self, region: str, credential_ref: str, auth_url: str = "") -> Mapping[str, str]:
        """The URL of each service in a region, fetched anew: the region may be newer than our token.

        ``auth_url`` is the Keystone of a pod that has one of its own.

        That proves that the credential works. Raises NoCredential when there is none or Keystone refuses it,
        Unproven when there is no such region, and KeystoneUnavailable.
        """
        return endpoints_in(
            self._credentials.catalogue(credential_ref, True, auth_url), region, self._interface
        )

    def endpoints_by_token(self, region: str, token: str) -> Mapping[str, str]:
        """The same by a caller's token, for a pod without a credential.

        Raises Unproven, KeystoneUnavailable.
        """
        try:
            reply = self._wire.call(
                "GET", self._url, {"X-Auth-Token": token}, read_timeout_seconds=READ_TIMEOUT_SECONDS
            )
            catalogue = ServiceCatalogV3(list(json.loads(reply.body)["catalog"]))
        except (WireError, ValueError, KeyError, TypeError) as error:
            raise KeystoneUnavailable("Keystone doesn't show its service catalogue") from error
        return endpoints_in(catalogue, region, self._interface)

    def microversions(self, pod: Pod) -> tuple[str, str]:
        """The lowest and highest compute microversion, asked without a token, which the endpoint might steal.

        Raises PodUnreachable, also when the answer isn't a version document.
        """
        request = PodRequest("GET", "/", read_timeout_seconds=READ_TIMEOUT_SECONDS)
        return compute_versions(pod, self._client.send_openly(pod, request))
