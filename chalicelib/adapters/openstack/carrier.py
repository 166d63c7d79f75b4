"""Carrier: sends what the SDK asks by our own client, and checks the answers before the SDK reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from requests.adapters import BaseAdapter

from chalicelib.adapters.openstack.client import Sender
from chalicelib.adapters.openstack.trusted import document, rows
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodRequest

READ_TIMEOUT_SECONDS = 10.0
MOST_PAGES = 200
MOST_BYTES = 64 * 1024 * 1024  # of all answers together
_VERSION = "OpenStack-API-Version"


class Carrier(BaseAdapter):
    """Sends the GETs of a session to a pod, all of them within one deadline."""

    def __init__(
        self, client: Sender, pod: Pod, deadline_seconds: float, seconds: Callable[[], float]
    ) -> None:
        """All calls must end within ``deadline_seconds`` from now, by the clock ``seconds``."""
        super().__init__()
        self._client = client
        # The SDK caches calls by their connection, and so keeps some sixty of them and what they hold. The
        # hosts and flavors of a pod are its bulk, and no call needs them.
        self._pod = replace(pod, capacity=None, catalogue=None)
        self._seconds = seconds
        self._ends_at = seconds() + deadline_seconds
        self._pages: Counter[str] = Counter()
        self._bytes = 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> Answer:
        """Ask the pod. Raises PodUnreachable, or UntrustedReport for too many pages or bytes."""
        service, _slash, path = str(request.url).removeprefix("http://").partition("/")
        left = self._ends_at - self._seconds()
        if left <= 0:
            raise self._unreachable("took too long to answer")
        # All pages of a listing have its path, since a next link gives nothing but a marker.
        listing = path.partition("?")[0]
        self._pages[listing] += 1
        if self._pages[listing] > MOST_PAGES:
            raise UntrustedReport(f"{service} /{listing} has more than {MOST_PAGES} pages")
        headers = {"Accept": "application/json"}
        if _VERSION in request.headers:
            headers[_VERSION] = request.headers[_VERSION]
        timeout = min(left, READ_TIMEOUT_SECONDS)
        asked = PodRequest("GET", f"/{path}", service, headers, read_timeout_seconds=timeout)
        reply = self._client.send(self._pod, asked)
        self._bytes += len(reply.body)
        if self._bytes > MOST_BYTES:
            raise UntrustedReport(f"the answers of {service} have more than {MOST_BYTES} bytes together")
        # ``answered`` would call a proxy's HTML page no answer. Here it must be an untrusted report, which
        # doesn't put the pod out of reach.
        if reply.status >= 500 or reply.status == 429:
            raise self._unreachable(f"answers {reply.status} to {service} /{path}")
        return Answer(request, reply.status, reply.body)

    def close(self) -> None:
        """Do nothing: the connections belong to the client."""

    def _unreachable(self, what: str) -> PodUnreachable:
        return PodUnreachable(self._pod.pod_id, f"{self._pod.pod_name} {what}", sent=True)


class Answer(requests.Response):
    """An answer whose JSON the SDK can only read through our own strict reader."""

    def __init__(self, request: requests.PreparedRequest, status: int, body: bytes) -> None:
        """``reason`` is the status, so that the SDK's errors hold none of the pod's own words."""
        super().__init__()
        self.request = request
        self.url = str(request.url)
        self.status_code = status
        self.reason = str(status)
        self._content = body

    def json(self, **_: Any) -> dict[str, Any]:
        """The JSON object of an answer with status 200; any other raises UntrustedReport.

        Of its next links only the marker is used, so that none can lead to another address or path. The SDK
        would follow two more keys, which neither Nova nor Placement has at the top of an answer.
        """
        what = self.url.removeprefix("http://")
        if self.status_code != 200:
            raise UntrustedReport(f"the answer to {what} is {self.status_code}")
        answer = dict(document(self.content, what))
        if "links" in answer or "next" in answer:
            raise UntrustedReport(f"the answer to {what} has links that no service of a pod gives")
        for key in [key for key in answer if key.endswith("_links")]:
            answer[key] = self._next_page(rows(answer[key] or [], key))
        return answer

    def _next_page(self, links: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
        nexts = (str(link.get("href", "")) for link in links if link.get("rel") == "next")
        marker = parse_qs(urlsplit(next(nexts, "")).query).get("marker")
        if not marker:
            return []
        return [{"rel": "next", "href": f"{self.url.partition('?')[0]}?{urlencode({'marker': marker[0]})}"}]
