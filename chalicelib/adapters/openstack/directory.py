"""Directory: where a pod's services are, and which versions its compute speaks."""

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
    """Asks Keystone for its catalogue with a pod's own credential, which proves that it works."""

    def __init__(self, credentials: Credentials, client: OpenStackPodClient, interface: str) -> None:
        """``interface`` is the catalogue's: public, internal or admin."""
        self._credentials = credentials
        self._client = client
        self._interface = interface

    def endpoints(self, pod_name: str, credential_ref: str) -> Mapping[str, str]:
        """Service to URL for a region, read afresh: a region may be younger than our token.

        Raises NoCredential when there is none or Keystone refuses it, KeystoneUnavailable.
        """
        return endpoints_in(
            self._credentials.catalogue(credential_ref, afresh=True), pod_name, self._interface
        )

    def microversions(self, pod: Pod) -> tuple[str, str]:
        """The lowest and highest compute microversion the pod speaks. Raises PodUnreachable."""
        return open_versions(self._client, pod)


def open_versions(client: OpenStackPodClient, pod: Pod) -> tuple[str, str]:
    """The microversions that an endpoint tells anybody: whoever named it is sent no token of ours.

    Raises PodUnreachable, also when the answer isn't a version document.
    """
    request = PodRequest("GET", "/", read_timeout_seconds=READ_TIMEOUT_SECONDS)
    return compute_versions(pod, client.send_openly(pod, request))
