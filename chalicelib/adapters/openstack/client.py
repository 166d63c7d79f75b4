"""Client: calls a pod's services, with the caller's token or the pod's service credential.

A pod with a Keystone of its own never sees a caller's token. It is called by the credential of the caller's
project there, in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, unquote

from chalicelib import observability
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.hybrid import Insider, reply_outside, request_inside
from chalicelib.adapters.openstack.login import Token
from chalicelib.adapters.openstack.wire import Wire, WireError
from chalicelib.model.errors import InvalidField, KeystoneUnavailable, NoCredential, NoWayIn, PodUnreachable
from chalicelib.model.identity import Identity
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import SENT_ON, PodReply, PodRequest

_PRINTABLE = re.compile(r"/[\x21-\x7e]*")
_LEGACY = re.compile(r"/v2\.1(?=/|$)")
_HEADER = re.compile(r"[\x20-\x7e\t]*")


class Sender(Protocol):
    """What a reader or lookup needs of a pod client."""

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """Make one call, as ``OpenStackPodClient.send`` does."""


@dataclass(frozen=True, slots=True)
class _ServiceUser:
    """A pod's service user."""

    credentials: Credentials
    pod: Pod

    def token(self, refused: str = "") -> str:
        """The current token. Raises NoCredential, KeystoneUnavailable."""
        return self.credentials.token(self.pod.credential_ref, refused, self.pod.auth_url)

    def vouch(self, url: str) -> None:
        """Raises NoCredential for a URL to which the token may not be sent, KeystoneUnavailable."""
        self.credentials.vouch(self.pod.credential_ref, url, self.pod.auth_url)


@dataclass(frozen=True, slots=True)
class _ProjectUser:
    """The user of a caller's project in a pod with its own Keystone. It raises as a service user does."""

    credentials: Credentials
    pod: Pod
    identity: Identity

    @property
    def ref(self) -> str:
        """The name of the credential."""
        ref = self.pod.project_credentials.get(self.identity.project_id, "")
        if not ref:
            raise NoCredential(f"the project {self.identity.project_id} has no credential there")
        return ref

    def token(self, refused: str = "") -> str:
        return self._checked(refused).text

    def vouch(self, url: str) -> None:
        self.credentials.vouch(self.ref, url, self.pod.auth_url)

    def insider(self) -> Insider:
        return Insider(self.identity.user_id, self._checked().user_id)

    def _checked(self, refused: str = "") -> Token:
        token = self.credentials.read(self.ref, refused, self.pod.auth_url)
        project_id = self.identity.project_id
        # The secret may have been exchanged since: then two projects could meet in one of the pod's.
        if token.project_id != self.pod.pod_project_ids.get(project_id):
            raise NoCredential(f"the credential {self.ref} is no longer for the project {project_id}")
        # That Nova knows none of our roles. What only its admins may do, it would let this credential do.
        if token.is_admins and not self.identity.is_admin:
            raise NoCredential(f"the credential {self.ref} is an admin's, and serves admins alone")
        return token


class OpenStackPodClient:
    """Calls pods over one shared session: no retry, no redirect, no exception for a status.

    With one exception: if a pod refuses a token of our own, the token is renewed and the call made again.
    """

    def __init__(
        self, wire: Wire, rules: EndpointRules, credentials: Credentials, of_projects: Credentials
    ) -> None:
        """``rules`` are checked at each call too, since a pod may have been registered under other ones.

        ``credentials`` are the pods' service users, ``of_projects`` the projects' users in pods with a
        Keystone of their own.
        """
        self._wire = wire
        self._rules = rules
        self._credentials = credentials
        self._of_projects = of_projects

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """The pod's answer, whatever its status.

        Raises PodUnreachable (``sent`` says if the request may have arrived), and InvalidField for a path
        that would leave the service or a header that can't be sent to any pod. With the service credential
        also KeystoneUnavailable, and NoCredential, as which a 401 of our own token is raised too. For a
        caller in a pod with a Keystone of its own, these are NoWayIn.
        """
        _check_headers(request.headers)
        if not request.token:
            return self._in_its_words(pod, request, _ServiceUser(self._credentials, pod), None)
        if not pod.is_hybrid:
            return self._call(pod, self._url(pod, request), request, request.token)
        try:
            if request.identity is None:
                raise NoCredential("it isn't known for which project it is asked")
            user = _ProjectUser(self._of_projects, pod, request.identity)
            return self._in_its_words(pod, request, user, user.insider())
        except (NoCredential, KeystoneUnavailable) as error:
            # It is that pod's Keystone, and not ours: to a client, the pod doesn't answer.
            extra = {"pod": pod.pod_name, "error": str(error)}
            observability.logger().warning("no way into a pod for a project", extra=extra)
            raise NoWayIn(pod.pod_id, f"{pod.pod_name}: {error}") from error

    def _in_its_words(
        self, pod: Pod, request: PodRequest, user: _ServiceUser | _ProjectUser, insider: Insider | None
    ) -> PodReply:
        if not pod.is_hybrid:
            return self._with_our_token(pod, request, user)
        reply = self._with_our_token(pod, request_inside(pod, request, insider), user)
        return reply_outside(pod, request, reply, insider)

    def _with_our_token(self, pod: Pod, request: PodRequest, user: _ServiceUser | _ProjectUser) -> PodReply:
        url = self._url(pod, request)
        user.vouch(url)
        token = user.token()
        reply = self._call(pod, url, request, token)
        if _refuses_the_token(reply):
            token = user.token(refused=token)
            reply = self._call(pod, url, request, token)
        if _refuses_the_token(reply):
            raise NoCredential(f"{pod.pod_name} doesn't accept the credential with which it is asked")
        return reply

    def send_openly(self, pod: Pod, request: PodRequest) -> PodReply:
        """A pod's answer to a request without a token.

        Raises PodUnreachable, InvalidField.
        """
        return self._call(pod, self._url(pod, request), request, "")

    def _call(self, pod: Pod, url: str, request: PodRequest, token: str) -> PodReply:
        path = request.path.partition("?")[0]
        seconds = request.timeout_seconds()
        if not seconds:
            raise PodUnreachable(pod.pod_id, f"no time was left to ask {pod.pod_name}", sent=False)
        with observability.pod_call(pod.pod_name, request.method, path):
            try:
                return self._wire.call(
                    request.method,
                    url,
                    {**request.headers, SENT_ON: "yes", **({"X-Auth-Token": token} if token else {})},
                    body=request.body,
                    read_timeout_seconds=seconds,
                    request_id=request.request_id or observability.correlation_id(),
                )
            except WireError as error:
                message = f"{pod.pod_name} {request.service} doesn't answer: {error}"
                raise PodUnreachable(pod.pod_id, message, error.sent) from error

    def _url(self, pod: Pod, request: PodRequest) -> str:
        endpoint = pod.endpoints.get(request.service)
        if not endpoint:
            raise PodUnreachable(pod.pod_id, f"{pod.pod_name} has no {request.service} endpoint", sent=False)
        refusal = self._rules.refusal(endpoint)
        if refusal:
            message = f"{pod.pod_name} {request.service} endpoint {refusal}"
            raise PodUnreachable(pod.pod_id, message, sent=False)
        if request.legacy:
            endpoint = _LEGACY.sub("/v2", endpoint)
        return endpoint.rstrip("/") + _checked(request.path)


def _refuses_the_token(reply: PodReply) -> bool:
    # A proxy that asks for a password of its own says nothing of our token.
    return reply.status == 401 and reply.is_the_services


def segment(value: str) -> str:
    """An id, quoted so that it is one segment of a path."""
    return quote(value, safe="")


def _checked(path: str) -> str:
    # The HTTP library resolves dot segments, also encoded ones, so a path could lead out of the service.
    segments = unquote(path.partition("?")[0]).split("/")
    if not _PRINTABLE.fullmatch(path) or "." in segments or ".." in segments:
        raise InvalidField("path", "the path is not one that a pod serves")
    return path


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _HEADER.fullmatch(value) or value != value.strip():
            raise InvalidField(name, f"the header {name} has letters that can't be sent to a pod")
