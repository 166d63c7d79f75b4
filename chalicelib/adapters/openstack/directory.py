"""Directory: where a pod's services are, and which microversions its Nova speaks."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.service_catalogue import endpoints_in
from chalicelib.adapters.openstack.versions import compute_versions
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest

READ_TIMEOUT_SECONDS = 10.0


class KeystoneDirectory:
    """Asks Keystone for its service catalogue with a pod's credential, which proves that this works."""

    def __init__(self, credentials: Credentials, client: OpenStackPodClient, interface: str) -> None:
        """``interface`` says which endpoints of the service catalogue count: public, internal or admin."""
        self._credentials = credentials
        self._client = client
        self._interface = interface

    def endpoints(self, pod_name: str, credential_ref: str) -> Mapping[str, str]:
        """The URL of each service in a region, fetched anew: the region may be newer than our token.

        Raises NoCredential when there is no credential or Keystone refuses it, and KeystoneUnavailable.
        """
        return endpoints_in(
            self._credentials.catalogue(credential_ref, afresh=True), pod_name, self._interface
        )

    def microversions(self, pod: Pod) -> tuple[str, str]:
        """The lowest and highest compute microversion that the pod speaks. Raises PodUnreachable."""
        return open_versions(self._client, pod)


def open_versions(client: OpenStackPodClient, pod: Pod) -> tuple[str, str]:
    """The lowest and highest compute microversion, asked without a token, which the endpoint might steal.

    Raises PodUnreachable, also when the answer isn't a version document.
    """
    request = PodRequest("GET", "/", read_timeout_seconds=READ_TIMEOUT_SECONDS)
    return compute_versions(pod, client.send_openly(pod, request))
