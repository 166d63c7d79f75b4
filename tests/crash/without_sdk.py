"""Without the SDK: the same questions to a pod and the same judgement of rows, in a hundredth of the time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.pod_request import PodRequest

READERS = ("chalicelib.adapters.openstack.server_reader",)


@contextmanager
def bare_reading() -> Iterator[None]:
    """Let the readers of pods ask the client itself, instead of through openstacksdk."""
    with ExitStack() as stack:
        for module in READERS:
            stack.enter_context(patch(f"{module}.connected", _connected))
            stack.enter_context(patch(f"{module}.listed", _listed))
        yield


@contextmanager
def _connected(client: Any, pod: Any, deadline_seconds: float, *_: Any) -> Iterator[Any]:
    def ask(path: str, microversion: str | None) -> Mapping[str, Any]:
        headers = {"openstack-api-version": f"compute {microversion}"} if microversion else {}
        request = PodRequest("GET", path, headers=headers, read_timeout_seconds=deadline_seconds)
        reply = client.send(pod, request)
        if reply.status >= 500:
            raise PodUnreachable(pod.pod_id, f"answers {reply.status}", sent=True)
        if reply.status != 200:
            raise UntrustedReport(f"answers {reply.status}")
        read = json.loads(reply.body)
        return read if isinstance(read, dict) else {}

    yield SimpleNamespace(compute=ask)


def _listed(
    resource: Any, ask: Any, base_path: str = "", paginated: bool = True, **asked: Any
) -> Iterator[Any]:
    """One page of a listing, which in these worlds holds all rows; named as in the SDK's classes."""
    names = resource._query_mapping._mapping
    microversion = asked.pop("microversion", None)
    query = {names.get(name, name): value for name, value in asked.items()}
    path = base_path or resource.base_path
    rows = ask(f"{path}?{urlencode(query)}" if query else path, microversion)
    yield from rows[resource.resources_key]
