"""Client: calls a pod's services, with the caller's token or the pod's service credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote, unquote

from chalicelib import observability
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.wire import Wire, WireError
from chalicelib.model.errors import InvalidField, NoCredential, PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import SENT_ON, PodReply, PodRequest

_PRINTABLE = re.compile(r"/[\x21-\x7e]*")
_LEGACY = re.compile(r"/v2\.1(?=/|$)")
_HEADER = re.compile(r"[\x20-\x7e\t]*")


class Sender(Protocol):
    """What a reader or lookup needs of a pod client."""

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """Make one call, as ``OpenStackPodClient.send`` does."""


class OpenStackPodClient:
    """Calls pods over one shared session: no retry, no redirect, no exception for a status.

    With one exception: if a pod refuses a token of our own, the token is renewed and the call made again.
    """

    def __init__(self, wire: Wire, rules: EndpointRules, credentials: Credentials) -> None:
        """``rules`` are checked at each call too, since a pod may have been registered under other ones."""
        self._wire = wire
        self._rules = rules
        self._credentials = credentials

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """The pod's answer, whatever its status.

        Raises PodUnreachable (``sent`` says if the request may have arrived), and InvalidField for a path
        that would leave the service or a header that can't be sent to any pod. With the service credential
        also KeystoneUnavailable, and NoCredential, as which a 401 of our own token is raised too.
        """
        url = self._url(pod, request)
        _check_headers(request.headers)
        if request.token:
            return self._call(pod, url, request, request.token)
        self._credentials.vouch(pod.credential_ref, url)
        token = self._credentials.token(pod.credential_ref)
        reply = self._call(pod, url, request, token)
        if _refuses_the_token(reply):
            token = self._credentials.token(pod.credential_ref, refused=token)
            reply = self._call(pod, url, request, token)
        if _refuses_the_token(reply):
            raise NoCredential(f"{pod.pod_name} doesn't accept the credential {pod.credential_ref}")
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
