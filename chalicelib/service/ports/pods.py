"""Ports to the pods and to what is known about them: how they are called, observed and looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.model.capacity import CapacityReport, Refreshed
from chalicelib.model.flavor import Flavor
from chalicelib.model.identity import Caller
from chalicelib.model.intent import Marker
from chalicelib.model.named_resource import NamedResource
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.sighting import Sighting
from chalicelib.model.sweep import FoundServer


class PodClient(Protocol):
    """Calls a pod, verbatim: no retry, no redirect, no exception for a status."""

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """Raises PodUnreachable (``sent`` says if the request may have arrived) for whatever goes wrong once
        something may have been sent, and InvalidField for a path or header that can't be sent.

        A request without a token uses the pod's service credential; it also raises NoCredential and
        KeystoneUnavailable. A pod with a Keystone of its own is asked by a credential of the caller's
        project: where that fails, it raises NoWayIn.
        """


class CapacityReader(Protocol):
    """Observes a pod with its service credential."""

    def read(self, pod: Pod) -> CapacityReport:
        """Raises PodUnreachable, UntrustedReport, NoCredential, KeystoneUnavailable."""


class ServerReader(Protocol):
    """Looks at a pod's servers with its service credential."""

    def changed_since(self, pod: Pod, since: datetime) -> Sequence[Sighting]:
        """The servers of any project that changed since then, the newest of them; also those that are gone.

        Raises PodUnreachable, UntrustedReport, NoCredential, KeystoneUnavailable.
        """

    def page(self, pod: Pod, since: datetime | None, after: str) -> Sequence[FoundServer]:
        """Some servers of any project after this one's id, oldest first; empty when there are no more.

        With ``since`` those that changed then or later, also those that are gone. Raises the same;
        UntrustedReport also when the pod doesn't know the server ``after``.
        """

    def marked(self, pod: Pod, marker: Marker, project_id: str, since: datetime) -> Sequence[FoundServer]:
        """A project's servers with this marker that changed ``since`` then, also those that are gone.

        Raises the same.
        """


class PodRefresh(Protocol):
    """Observes single pods when an operator asks, here or in the function that may read credentials."""

    def refresh(self, pod_id: str) -> Refreshed:
        """Observe the pod now. Raises NotFound, StoreBusy, Unavailable; the pod's own failure is returned."""


class PodDirectory(Protocol):
    """Keystone's service catalogue, and the proof that a service credential works."""

    def endpoints(self, region: str, credential_ref: str, auth_url: str = "") -> Mapping[str, str]:
        """The region's URLs by service, as the service catalogue of the pod's credential has them.

        ``auth_url`` is the Keystone of a pod that has one of its own.
        Asking proves the credential: raises NoCredential when there is none or Keystone refuses
        it, Unproven when Keystone knows no such region, KeystoneUnavailable when it doesn't answer.
        """

    def endpoints_by_token(self, region: str, token: str) -> Mapping[str, str]:
        """The same from the service catalogue of a caller's token. Raises Unproven, KeystoneUnavailable."""

    def microversions(self, pod: Pod) -> tuple[str, str]:
        """The lowest and highest compute microversion the pod speaks. Raises PodUnreachable."""


class ProjectDirectory(Protocol):
    """The projects of the Keystones that pods have of their own."""

    def project_of(self, ref: str, auth_url: str) -> tuple[str, bool]:
        """The id of the project that a project's credential is for, and whether it is an admin's there.

        Raises NoCredential when there is none, it is refused, or it is for another Keystone or for no
        project; KeystoneUnavailable.
        """


class EndpointPolicy(Protocol):
    """Which URLs a pod may have, since tenants' tokens are sent there."""

    def check(self, endpoints: Mapping[str, str]) -> None:
        """Raises InvalidField naming ``endpoints.<service>`` for a URL that is refused."""


class ResourceLookup(Protocol):
    """Whether a pod holds what a create names, asked with the caller's token."""

    def holds(self, pod: Pod, named: NamedResource, caller: Caller) -> bool:
        """False when the pod doesn't know it or doesn't show it to the caller. Raises PodUnreachable."""


class FlavorLookup(Protocol):
    """A flavor by id, asked of a pod with the caller's token."""

    def flavor(self, pod: Pod, flavor_id: str, caller: Caller) -> Flavor | None:
        """None when the pod doesn't know it or doesn't show it to the caller. Raises PodUnreachable."""
