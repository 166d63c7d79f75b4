"""A small stand-in cloud whose clock is moved by the tests, and a client for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from local.standin.clock import HandClock
from local.standin.cloud import DemoCloud
from local.standin.hosts import HostSize
from local.standin.ids import named_uuid
from local.standin.plan import DemoPod

SMALL = HostSize(vcpus=4, ram_mb=8192, disk_gb=100)
PLANS = (DemoPod("Pod1", "az1", (SMALL, SMALL)), DemoPod("Pod2", "az2", (SMALL,)))


class Client:
    """Calls one service with one user's token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"X-Auth-Token": token, "OpenStack-API-Version": "compute 2.90"}

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        merged = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return requests.request(method, self._url + path, json=json, headers=merged, timeout=10)

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.ask("GET", path, **headers)

    def create(self, name: str = "vm", flavor: str = "1", **asked: Any) -> requests.Response:
        server = {
            "name": name,
            "flavorRef": flavor,
            "imageRef": named_uuid("cirros"),
            "networks": "none",
            **asked,
        }
        return self.ask("POST", "/servers", {"server": server})

    def act(self, server_id: str, **action: Any) -> requests.Response:
        return self.ask("POST", f"/servers/{server_id}/action", action)

    def status(self, server_id: str) -> str:
        return self.get(f"/servers/{server_id}").json()["server"]["status"]

    def names(self, query: str = "") -> list[str]:
        return [server["name"] for server in self.get(f"/servers{query}").json()["servers"]]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def cloud(clock: HandClock) -> Iterator[DemoCloud]:
    with DemoCloud(PLANS, clock=clock) as running:
        yield running


@pytest.fixture
def nova(cloud: DemoCloud) -> Callable[..., Client]:
    """Makes a client of a pod's Nova: ``nova("alpha")``, ``nova("admin", "Pod2")``."""
    return lambda user, pod="Pod1": Client(cloud.pod(pod).endpoints["compute"], cloud.token_for(user).id)


@pytest.fixture
def placement(cloud: DemoCloud) -> Callable[..., Client]:
    def client(user: str = "trio2o", pod: str = "Pod1") -> Client:
        made = Client(cloud.pod(pod).endpoints["placement"], cloud.token_for(user).id)
        made._headers["OpenStack-API-Version"] = "placement 1.39"
        return made

    return client
