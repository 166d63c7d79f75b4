"""Wire: makes one HTTP call to an OpenStack service, without retries, redirects or cookies."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
from keystoneauth1.exceptions import ClientException
from keystoneauth1.session import Session
from urllib3.exceptions import HTTPError

from chalicelib import observability
from chalicelib.adapters.openstack.connections import PodAdapter, under_way
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.model.pod_request import PodReply

MAX_BODY_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# Headers that are only for the connection between the pod and us, or for the body as it was encoded there.
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
    """There is no answer. ``sent`` tells whether the request may have arrived."""

    def __init__(self, message: str, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class _Session(requests.Session):
    """Sees no redirect in an answer, of which ``requests`` would read all at once, however large it is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """The address that an answer sends on to: none, whatever it says."""


class Wire:
    """Makes calls over one session, which threads share and which holds no credential."""

    def __init__(
        self, rules: EndpointRules, connect_timeout_seconds: float = 2.0, ca_bundle: str = ""
    ) -> None:
        """``ca_bundle`` is a file of trusted certificates; empty means those that ``requests`` trusts."""
        self._connect_timeout_seconds = connect_timeout_seconds
        plain = _Session()
        # Proxies and ~/.netrc of the environment are not used, and a cookie that one tenant's answer set is
        # not sent with another tenant's request.
        plain.trust_env = False
        plain.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # No other scheme can be called, whoever names the URL: a pod's record, a credential, Keystone.
        plain.adapters.clear()
        adapter = PodAdapter(rules)
        for scheme in ("https://", "http://") if rules.allow_http else ("https://",):
            plain.mount(scheme, adapter)
        # The time-out is for the plugins of service credentials, which fetch their tokens by this session.
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
        """Send a request and read the whole answer, whatever its status. Raises WireError.

        ``read_timeout_seconds`` bounds connecting, sending, waiting and reading together.
        """
        under_way.begin(read_timeout_seconds)
        try:
            response = self.session.request(
                url,
                method,
                # Without compression, an answer can't be larger than what is received.
                headers={"Accept-Encoding": "identity", **headers},
                data=body,
                authenticated=False,  # else a plugin's token would replace the caller's
                raise_exc=False,
                redirect=False,
                connect_retries=0,
                log=False,
                stream=True,
                timeout=(self._connect_timeout_seconds, read_timeout_seconds),
                global_request_id=request_id or None,
            )
            return _reply(response)
        except WireError:
            raise
        except (ClientException, requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise WireError(_reason(error), under_way.sent) from error
        except Exception as error:
            # Only here is it known whether something was sent, on which the fate of a create's room depends.
            observability.logger().exception("unforeseen error in a call to a service")
            raise WireError(_reason(error), under_way.sent) from error
        finally:
            under_way.end()


def _reply(response: requests.Response) -> PodReply:
    try:
        body = _body(response)
    finally:
        response.close()  # gives the connection back if it was read to its end, else closes it
    headers = {name.lower(): value for name, value in response.headers.items()}
    kept = {name: value for name, value in headers.items() if name not in _HOP_HEADERS}
    return PodReply(response.status_code, kept, body)


def _body(response: requests.Response) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":  # which we asked for: what is encoded may be a thousand times as large inside
        raise WireError(f"the answer is encoded as {encoding[:40]!a}", sent=True)
    body = bytearray()
    while piece := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise WireError(f"the answer is over {MAX_BODY_BYTES} bytes", sent=True)
    return bytes(body)


def _reason(error: Exception) -> str:
    """The reason in one line. It is the innermost error, which the layers above the socket have wrapped."""
    reason: BaseException = error
    seen = 0
    while (inner := reason.__cause__ or reason.__context__) is not None and seen < 10:
        reason, seen = inner, seen + 1
    return f"{type(reason).__name__}: {reason}"[:200]
