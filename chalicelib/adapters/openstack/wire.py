"""Wire: one HTTP call to an OpenStack service: no retry, no redirect, no cookie, no surprise."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
from keystoneauth1.exceptions import ClientException
from keystoneauth1.session import Session
from urllib3.exceptions import HTTPError

from chalicelib.adapters.openstack.connections import PodAdapter, under_way
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.model.pod_request import PodReply

MAX_BODY_BYTES = 32 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# Ours end at this hop, and the body is handed on decoded.
_HOP_HEADERS = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-encoding",
    "content-length",
    "set-cookie",
    "proxy-authenticate",
    "trailer",
    "upgrade",
}


class WireError(Exception):
    """No answer. ``sent`` tells whether the request may have arrived."""

    def __init__(self, message: str, sent: bool) -> None:
        """Remember whether anything was sent."""
        super().__init__(message)
        self.sent = sent


class Wire:
    """Calls over one shared, thread-safe session that knows nobody's credentials."""

    def __init__(
        self, rules: EndpointRules, connect_timeout_seconds: float = 2.0, ca_bundle: str = ""
    ) -> None:
        """``ca_bundle`` is a file of trusted certificates; empty means the public ones."""
        self._connect_timeout_seconds = connect_timeout_seconds
        plain = requests.Session()
        # Neither proxies nor ~/.netrc from the environment, and no cookie that one tenant's answer
        # set may travel with the next tenant's request.
        plain.trust_env = False
        plain.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = PodAdapter(rules)
        plain.mount("http://", adapter)
        plain.mount("https://", adapter)
        # The plugins of service credentials fetch their tokens through it, under this time-out.
        self.session = Session(session=plain, verify=ca_bundle or True, timeout=5.0, redirect=False)

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        body: bytes | None = None,
        read_timeout_seconds: float = 20.0,
        request_id: str = "",
    ) -> PodReply:
        """Send the bytes and read the whole answer, whatever its status. Raises WireError.

        ``read_timeout_seconds`` bounds all of it together: connecting, sending, waiting, reading.
        """
        under_way.begin(read_timeout_seconds)
        try:
            response = self.session.request(
                url,
                method,
                # identity: an answer can't be larger than what came over the wire
                headers={"Accept-Encoding": "identity", **headers},
                data=body,
                authenticated=False,  # else a plugin's token would override the caller's
                raise_exc=False,
                redirect=False,
                connect_retries=0,
                log=False,
                stream=True,
                timeout=(self._connect_timeout_seconds, read_timeout_seconds),
                global_request_id=request_id or None,
            )
            return _reply(response)
        except (ClientException, requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise WireError(_told(error), under_way.sent) from error
        finally:
            under_way.end()


def _reply(response: requests.Response) -> PodReply:
    try:
        body = _body(response)
    finally:
        response.close()  # gives a connection back that was read to its end, and drops any other
    headers = {name.lower(): value for name, value in response.headers.items()}
    kept = {name: value for name, value in headers.items() if name not in _HOP_HEADERS}
    return PodReply(response.status_code, kept, body)


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise WireError(f"the answer is over {MAX_BODY_BYTES} bytes", sent=True)
    return bytes(body)


def _told(error: Exception) -> str:
    """What happened in one line; the layers above the socket wrap the reason several times."""
    reason: BaseException = error
    seen = 0
    while (inner := reason.__cause__ or reason.__context__) is not None and seen < 10:
        reason, seen = inner, seen + 1
    return f"{type(reason).__name__}: {reason}"[:200]
