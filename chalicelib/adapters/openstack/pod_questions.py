"""Pod questions: what the refresh asks one pod, all within one deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from chalicelib.adapters.openstack.trusted import document, rows
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest

READ_TIMEOUT_SECONDS = 10.0
MOST_PAGES = 200
PARALLEL_CALLS = 8

A = TypeVar("A")
B = TypeVar("B")


class Sender(Protocol):
    """A pod client, as far as questions go."""

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        """One call."""


class PodQuestions:
    """GETs with the pod's service credential; no single call may outlast what is left of the deadline."""

    def __init__(self, client: Sender, pod: Pod, clock: Callable[[], float], deadline_seconds: float) -> None:
        """``clock`` counts seconds; the deadline starts now."""
        self.pod = pod
        self._client = client
        self._clock = clock
        self._deadline = clock() + deadline_seconds

    def reply(self, service: str, path: str, microversion: str = "") -> PodReply:
        """Any answer, whatever its status. Raises PodUnreachable, also when the deadline has passed."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise PodUnreachable(self.pod.pod_id, f"{self.pod.pod_name} took too long to report", sent=True)
        headers = {"Accept": "application/json"}
        if microversion:
            headers["OpenStack-API-Version"] = f"{service} {microversion}"
        timeout = min(left, READ_TIMEOUT_SECONDS)
        request = PodRequest("GET", path, service, headers, read_timeout_seconds=timeout)
        return self._client.send(self.pod, request)

    def get(self, service: str, path: str, microversion: str = "") -> Mapping[str, Any]:
        """A JSON object. Raises PodUnreachable for a 5xx, UntrustedReport for any other refusal."""
        return self.read(self.reply(service, path, microversion), f"{service} {path}")

    def read(self, reply: PodReply, what: str) -> Mapping[str, Any]:
        """The object in an answer."""
        if reply.status == 200:
            return document(reply.body, what)
        message = f"{self.pod.pod_name} answers {reply.status} to {what}"
        if reply.status >= 500 or reply.status == 429:
            raise PodUnreachable(self.pod.pod_id, message, sent=True)
        raise UntrustedReport(message)

    def pages(
        self, path: str, query: Mapping[str, str], key: str, microversion: str
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of a compute listing. Only the marker of a next link is used, never its address."""
        marker = ""
        for _ in range(MOST_PAGES):
            asked = {**query, "marker": marker} if marker else query
            page = self.get("compute", f"{path}?{urlencode(asked)}" if asked else path, microversion)
            yield from rows(page.get(key), key)
            following = _next_marker(page.get(f"{key}_links"))
            if not following or following == marker or not page[key]:
                return
            marker = following
        raise UntrustedReport(f"{path} has more than {MOST_PAGES} pages")

    def each(self, question: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """Ask about several things at once; the first error is raised."""
        asked = list(items)
        if len(asked) < 2:
            return [question(item) for item in asked]
        with ThreadPoolExecutor(min(len(asked), PARALLEL_CALLS), "pod-questions") as threads:
            answers = [threads.submit(copy_context().run, question, item) for item in asked]
            return [answer.result() for answer in answers]


def segment(value: str) -> str:
    """An id as one segment of a path."""
    return quote(value, safe="")


def _next_marker(links: object) -> str:
    if not links:
        return ""
    for link in rows(links, "links"):
        if link.get("rel") == "next":
            return parse_qs(urlsplit(str(link.get("href", ""))).query).get("marker", [""])[0]
    return ""
