"""Stores and pods that are slow together: the client has its answer in time, and no server is lost.

The clock is moved by those who are slow, so no test waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.adapters.dynamodb.schema import create_tables
from chalicelib.model.deadline import NO_DEADLINE
from chalicelib.model.errors import PodUnreachable
from chalicelib.model.pod import Pod
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.service.ports import PodClient
from chalicelib.settings import Settings
from local import demo
from tests.journeys.conftest import Answer, Gateway, registered

API_GATEWAY_SECONDS = 29.0
IN_TIME = Settings().request_seconds + Settings().store_reserve_seconds
_numbers = count(1)


@dataclass
class MovedClock:
    """A clock that starts now and goes on when somebody has waited."""

    now: datetime = field(default_factory=wiring.now)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float, since: datetime | None = None) -> None:
        """Somebody has waited so long; who waits at the same time says since when."""
        with self._lock:
            self.now = max(self.now, (since or self.now) + timedelta(seconds=seconds))


@dataclass
class SlowPods:
    """Sends as the client does, and takes its time over each call, at most as much as the call has."""

    client: PodClient
    clock: MovedClock
    seconds: float = 0.0

    def send(self, pod: Pod, request: PodRequest) -> PodReply:
        began, waited = self.clock(), min(self.seconds, request.timeout_seconds())
        reply = self.client.send(pod, replace(request, deadline=NO_DEADLINE))
        self.clock.passes(waited, since=began)
        if waited < self.seconds:
            raise PodUnreachable(pod.pod_id, "timed out", sent=True)
        return reply


@dataclass
class Slow:
    """A gateway on stores and pods that can be slow."""

    gateway: Gateway
    clock: MovedClock
    pods: SlowPods
    store_seconds: float = 0.0

    def answer_of_dynamodb(self, request: Any, **_: Any) -> None:
        began, waited = self.clock(), min(self.store_seconds, request.context["read_timeout"])
        self.clock.passes(waited, since=began)
        if waited < self.store_seconds:
            raise ReadTimeoutError(endpoint_url="http://dynamodb")

    @contextmanager
    def being(self, store_seconds: float, pod_seconds: float) -> Iterator[None]:
        self.store_seconds, self.pods.seconds = store_seconds, pod_seconds
        yield
        self.store_seconds = self.pods.seconds = 0.0


@pytest.fixture(scope="module")
def slow(embedded_dynamo: str) -> Iterator[Slow]:
    with registered() as gateway:
        clock = MovedClock()
        patience = Patience(sleep=clock.passes)
        database = Database(
            f"slow{next(_numbers)}", PatientConnection("us-east-1", embedded_dynamo, patience)
        )
        create_tables(database, collecting=False)
        usual = Settings()
        chosen = replace(
            wiring.settings(),
            list_timeout_seconds=usual.list_timeout_seconds,
            breaker_failures=10_000,
            roster_cache_seconds=usual.roster_cache_seconds,
        )
        stores = wiring.in_deployment(database, chosen, clock)
        pods = SlowPods(stores.client, clock)
        stores = replace(stores, client=pods)
        wiring.use(wiring.build_services(stores, chosen), chosen, clock)
        gateway.stores = stores
        gateway.cloud.keystone.token_lifetime_seconds = 1e7  # our clock runs ahead of Keystone's
        for plan in demo.PODS[:3]:
            gateway.register(plan)
        gateway.refresh()
        one = Slow(gateway, clock, pods)
        database.connection.client.meta.events.register("before-send", one.answer_of_dynamodb)
        yield one


ASKS: dict[str, tuple[str, str, object, str]] = {
    "create": ("POST", "/v2.1/servers", {}, "alpha"),
    "multi-create": ("POST", "/v2.1/servers", {"min_count": 3, "max_count": 3}, "alpha"),
    "list": ("GET", "/v2.1/servers/detail", None, "alpha"),
    "show": ("GET", "/v2.1/servers/{server_id}", None, "alpha"),
    "search": ("GET", "/v2.1/servers/6b9d0cbb-6bd4-4f0f-8a4b-6a3e9b6b7d11", None, "alpha"),
    "delete": ("DELETE", "/v2.1/servers/{server_id}", None, "alpha"),
    "action": ("POST", "/v2.1/servers/{server_id}/action", {"reboot": {"type": "SOFT"}}, "alpha"),
    "flavors": ("GET", "/v2.1/flavors/detail", None, "alpha"),
    "flavor": ("GET", "/v2.1/flavors/1", None, "alpha"),
    "limits": ("GET", "/v2.1/limits", None, "alpha"),
    "keypairs": ("GET", "/v2.1/os-keypairs", None, "alpha"),
    "hypervisors": ("GET", "/v2.1/os-hypervisors", None, "admin"),
    "pods": ("GET", "/v1.0/pods", None, "admin"),
    "health": ("GET", "/v1.0/health", None, "admin"),
    "plan": ("GET", "/v1.0/pods/{pod_id}/drain-plan", None, "admin"),
}


def ask(slow: Slow, name: str, server_id: str) -> Answer:
    method, path, body, user = ASKS[name]
    if path == "/v2.1/servers" and isinstance(body, dict):
        return slow.gateway.create("vm", **body)
    path = path.format(server_id=server_id, pod_id=slow.gateway.pods["Pod1"].pod_id)
    return slow.gateway.call(method, path, body, user=user)


@pytest.mark.parametrize(
    ("store_seconds", "pod_seconds"), [(0.5, 30.0), (1.5, 4.0), (2.9, 0.1), (2.9, 30.0), (9.0, 4.0)]
)
@pytest.mark.parametrize("name", ASKS)
def test_the_client_has_its_answer_in_time_and_finds_what_there_is(
    slow: Slow, name: str, store_seconds: float, pod_seconds: float
) -> None:
    gateway = slow.gateway
    created = gateway.create()
    assert created.status == 202, created.body
    server_id = created.body["server"]["id"]
    slow.clock.passes(60.0)  # so that nothing is remembered
    began = slow.clock()

    with slow.being(store_seconds, pod_seconds):
        answer = ask(slow, name, server_id)
    took = (slow.clock() - began).total_seconds()

    assert answer.status in (200, 202, 203, 204, 404, 503, 504), answer.body
    assert took <= IN_TIME + 0.5 < API_GATEWAY_SECONDS
    made = {server.id for pod in gateway.cloud.pods.values() for server in pod.servers()}
    slow.clock.passes(60.0)
    for each in made:
        assert gateway.call("GET", f"/v2.1/servers/{each}").status == 200
        assert gateway.call("DELETE", f"/v2.1/servers/{each}").status == 204
    slow.clock.passes(600.0)
    gateway.refresh()
