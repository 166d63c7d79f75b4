"""SDK: openstacksdk's connection to one pod, for what is read in the background.

The SDK learns neither an address nor a token. All that it asks goes through our own client, which knows
the pod's endpoints, vouches for them, adds the service credential and bounds every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from keystoneauth1.discover import EndpointData
from keystoneauth1.exceptions import ClientException
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session

from chalicelib.adapters.openstack.carrier import Carrier
from chalicelib.adapters.openstack.client import Sender
from chalicelib.model.errors import UntrustedReport
from chalicelib.model.pod import Pod

if TYPE_CHECKING:
    from openstack.connection import Connection
    from openstack.proxy import Proxy
    from openstack.resource import Resource

PARALLEL_CALLS = 8

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
    carrier = Carrier(client, pod, deadline_seconds, seconds)
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


def listed(kind: type[Resource], service: Proxy, **asked: Any) -> Iterator[Mapping[str, Any]]:
    """The SDK's listing of a kind of resource, page after page, in rows as the pod wrote them.

    The SDK's own objects take half a millisecond each, and their attributes turn nonsense into numbers.
    Raises UntrustedReport for an answer that is no listing.
    """
    as_written: Any = type(kind.__name__, (kind,), {"existing": classmethod(_as_written)})
    try:
        yield from as_written.list(service, **asked)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UntrustedReport(f"a listing can't be read: {type(error).__name__} {error}") from error


class _Row(dict[str, Any]):
    """A row with what the SDK's listing asks of a resource."""

    @property
    def id(self) -> object:
        """What a next page would start after."""
        return self.get("id")


def _as_written(_: type[Any], /, *, connection: object, microversion: object, **row: Any) -> _Row:
    """In place of ``Resource.existing``, by which the SDK makes its objects."""
    return _Row(row)


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
