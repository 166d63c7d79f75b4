"""SDK: openstacksdk's connection to one pod, for what is read in the background.

The SDK learns neither an address nor a token. All that it asks goes through our own client, which knows
the pod's endpoints, vouches for them, adds the service credential and bounds every call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from keystoneauth1.discover import EndpointData
from keystoneauth1.exceptions import ClientException
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session
from requests.adapters import BaseAdapter

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.trusted import document, rows
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest

if TYPE_CHECKING:
    from openstack.connection import Connection
    from openstack.resource import Resource

READ_TIMEOUT_SECONDS = 10.0
MOST_PAGES = 200
PARALLEL_CALLS = 8
_VERSION_HEADER = "OpenStack-API-Version"

A = TypeVar("A")
B = TypeVar("B")


@contextmanager
def connected(
    client: Sender, pod: Pod, deadline_seconds: float, seconds: Callable[[], float] = monotonic
) -> Iterator[Connection]:
    """The SDK on a pod; ``deadline_seconds`` bound all that is asked of it, and ``seconds`` counts them.

    What is asked raises PodUnreachable (also for a 429, a 5xx or when the time is over), UntrustedReport,
    NoCredential, KeystoneUnavailable.
    """
    # Loading the SDK takes a third of a second: the path of a tenant's request must not come here.
    from openstack.connection import Connection
    from openstack.exceptions import HttpException, SDKException

    http = requests.Session()
    http.trust_env = False
    http.adapters.clear()  # so that a link in an answer leads nowhere else
    carrier = _Carrier(client, pod, deadline_seconds, seconds)
    http.mount("http://compute/", carrier)
    http.mount("http://placement/", carrier)
    try:
        with Connection(
            name=pod.pod_name,
            session=Session(auth=_AsRegistered(), session=http, redirect=False),
            compute_api_version="2",
            compute_endpoint_override="http://compute",
            placement_api_version="1",
            placement_endpoint_override="http://placement",
        ) as connection:
            yield connection
    except HttpException as error:
        raise UntrustedReport(f"{pod.pod_name} answers {error.status_code} to {error.url}") from error
    except (SDKException, ClientException) as error:
        raise UntrustedReport(f"{pod.pod_name} can't be read: {error}") from error


def listed(resources: Iterable[Resource]) -> Iterator[Mapping[str, Any]]:
    """The rows of the SDK's listing as the pod wrote them: its own attributes turn nonsense into numbers.

    Raises UntrustedReport for an answer that is no listing.
    """
    try:
        for resource in resources:
            yield resource._body.attributes
    except (AttributeError, KeyError, TypeError) as error:
        raise UntrustedReport(f"a listing can't be read: {type(error).__name__} {error}") from error


def each(question: Callable[[A], B], items: Iterable[A]) -> list[B]:
    """Ask about several things at once; the first error is raised."""
    asked = list(items)
    if len(asked) < 2:
        return [question(item) for item in asked]
    with ThreadPoolExecutor(min(len(asked), PARALLEL_CALLS), "pod-questions") as threads:
        answers = [threads.submit(copy_context().run, question, item) for item in asked]
        return [answer.result() for answer in answers]


class _AsRegistered(BaseAuthPlugin):
    """Services are where the pod's record says. Discovery would follow the links of version documents."""

    def get_headers(self, session: Session) -> dict[str, str]:
        """None: the client adds the token."""
        return {}

    def get_endpoint_data(
        self, session: Session, *, endpoint_override: str | None = None, **_: Any
    ) -> EndpointData:
        """The endpoint as it is, without a question to it."""
        return EndpointData(catalog_url=endpoint_override, service_url=endpoint_override)


class _Carrier(BaseAdapter):
    """Carries the questions of a session to a pod, all of them within one deadline."""

    def __init__(
        self, client: Sender, pod: Pod, deadline_seconds: float, seconds: Callable[[], float]
    ) -> None:
        """The deadline starts now."""
        super().__init__()
        self._client = client
        self._pod = pod
        self._seconds = seconds
        self._ends_at = seconds() + deadline_seconds
        self._pages: Counter[str] = Counter()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> _Answer:
        """Ask. Raises PodUnreachable, UntrustedReport for a listing that doesn't end."""
        service, _slash, path = str(request.url).removeprefix("http://").partition("/")
        left = self._ends_at - self._seconds()
        if left <= 0:
            raise self._unreachable("took too long to report")
        listing = path.partition("?")[0]
        self._pages[listing] += 1
        if self._pages[listing] > MOST_PAGES:
            raise UntrustedReport(f"{service} /{listing} has more than {MOST_PAGES} pages")
        headers = {"Accept": "application/json"}
        if _VERSION_HEADER in request.headers:
            headers[_VERSION_HEADER] = request.headers[_VERSION_HEADER]
        timeout = min(left, READ_TIMEOUT_SECONDS)
        asked = PodRequest("GET", f"/{path}", service, headers, read_timeout_seconds=timeout)
        reply = self._client.send(self._pod, asked)
        if reply.status >= 500 or reply.status == 429:
            raise self._unreachable(f"answers {reply.status} to {service} /{path}")
        return _Answer(request, reply.status, reply.body)

    def close(self) -> None:
        """Nothing is held: the connections are the client's."""

    def _unreachable(self, what: str) -> PodUnreachable:
        return PodUnreachable(self._pod.pod_id, f"{self._pod.pod_name} {what}", sent=True)


class _Answer(requests.Response):
    """An answer that is read as strictly as ours are, by the SDK too."""

    def __init__(self, request: requests.PreparedRequest, status: int, body: bytes) -> None:
        """The body of a refusal isn't handed on: it is the pod's own text."""
        super().__init__()
        self.request = request
        self.url = str(request.url)
        self.status_code = status
        self.reason = str(status)
        self._content = body

    def json(self, **_: Any) -> dict[str, Any]:
        """An object of a 200, whose next links keep their marker and lose their address.

        Raises UntrustedReport for any other answer.
        """
        what = self.url.removeprefix("http://")
        if self.status_code != 200:
            raise UntrustedReport(f"the answer to {what} is {self.status_code}")
        answer = dict(document(self.content, what))
        for key in [key for key in answer if key.endswith("_links")]:
            answer[key] = self._next_page(rows(answer[key] or [], key))
        return answer

    def _next_page(self, links: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
        nexts = (str(link.get("href", "")) for link in links if link.get("rel") == "next")
        marker = parse_qs(urlsplit(next(nexts, "")).query).get("marker")
        if not marker:
            return []
        return [{"rel": "next", "href": f"{self.url.partition('?')[0]}?{urlencode({'marker': marker[0]})}"}]
