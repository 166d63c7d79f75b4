"""SDK: openstacksdk's connection to one pod, for what is read in the background.

The SDK gets neither an address nor a token. All that it asks goes through our own client, which knows the
pod's endpoints, checks that they may get the service token, adds that token and bounds every call.
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
    """A connection of the SDK to a pod. All its calls together last ``deadline_seconds`` at most.

    ``seconds`` is the clock. A call raises PodUnreachable (also for a 429, a 5xx or when the time is over),
    UntrustedReport, NoCredential or KeystoneUnavailable.
    """
    # Loading the SDK takes a third of a second, so no tenant's request may come here.
    from openstack.connection import Connection
    from openstack.exceptions import HttpException, SDKException

    http = requests.Session()
    http.trust_env = False
    http.adapters.clear()  # only the two below are left, so that a link in an answer can't lead elsewhere
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


def listed(resource: type[Resource], service: Proxy, **asked: Any) -> Iterator[Mapping[str, Any]]:
    """The SDK's listing of an OpenStack resource, page after page, but with rows as the pod wrote them.

    The SDK's own objects take half a millisecond each, and their attributes turn nonsense into numbers.
    Raises UntrustedReport for an answer that is no listing.
    """
    as_written: Any = type(resource.__name__, (resource,), {"existing": classmethod(_as_written)})
    try:
        yield from as_written.list(service, **asked)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UntrustedReport(f"a listing can't be read: {type(error).__name__} {error}") from error


class _Row(dict[str, Any]):
    """A row with the one attribute that the SDK's listing needs of it."""

    @property
    def id(self) -> object:
        """The marker after which the next page starts."""
        return self.get("id")


def _as_written(_: type[Any], /, *, connection: object, microversion: object, **row: Any) -> _Row:
    """Takes the place of ``Resource.existing``, which makes the SDK's object of a row."""
    return _Row(row)


def each(question: Callable[[A], B], items: Iterable[A]) -> list[B]:
    """Ask about all items at the same time; the answers come in their order. Raises the first error."""
    asked = list(items)
    if len(asked) < 2:
        return [question(item) for item in asked]
    with ThreadPoolExecutor(min(len(asked), PARALLEL_CALLS), "pod-questions") as threads:
        answers = [threads.submit(copy_context().run, question, item) for item in asked]
        return [answer.result() for answer in answers]


class _AsRegistered(BaseAuthPlugin):
    """Uses the endpoints of the pod's record. Discovery would follow links that the pod chooses."""

    def get_headers(self, session: Session) -> dict[str, str]:
        """No headers: our client adds the token."""
        return {}

    def get_endpoint_data(
        self, session: Session, *, endpoint_override: str | None = None, **_: Any
    ) -> EndpointData:
        """The endpoint as it is, without asking it for its versions."""
        return EndpointData(catalog_url=endpoint_override, service_url=endpoint_override)
