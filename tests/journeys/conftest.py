"""The whole app by HTTP, on memory stores, with a stand-in Keystone and pods behind real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.api.openstack.table import Row
from chalicelib.model.json_values import read_json
from chalicelib.model.pod import Pod
from chalicelib.settings import Settings
from local import demo
from local.standin.cloud import DemoCloud
from local.standin.ids import named_uuid
from local.standin.message import Reply, Request
from local.standin.plan import DemoPod
from local.standin.pod import Pod as StandIn

BASE = "http://gateway.example"
IMAGE = named_uuid("cirros")


@dataclass
class Answer:
    """The gateway's answer: header names are lower case, the body is read from JSON."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Gateway:
    """The app as a client meets it; its users are those of the demo cloud."""

    cloud: DemoCloud
    stores: wiring.Adapters
    http: Client
    pods: dict[str, Pod] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: object = None, user: str = "alpha", **headers: str
    ) -> Answer:
        """One request; ``user`` empty sends no token."""
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if user and "X-Auth-Token" not in sent:
            sent["X-Auth-Token"] = self.cloud.token_for(user).id
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        reply = self.http.http.request(method, path, headers=sent, body=raw)
        content = json.loads(reply.body) if reply.body.strip() else None
        return Answer(reply.status_code, {k.lower(): str(v) for k, v in reply.headers.items()}, content)

    def create(self, name: str = "vm", user: str = "alpha", **server: Any) -> Answer:
        """Boot a server; m1.tiny unless said otherwise."""
        order = {"name": name, "flavorRef": "1", "imageRef": IMAGE, **server}
        return self.call("POST", "/v2.1/servers", {"server": order}, user=user)

    def pod_holding(self, server_id: str) -> str:
        """The name of the pod that really has a server."""
        holding = [
            name for name, pod in self.cloud.pods.items() if any(s.id == server_id for s in pod.servers())
        ]
        assert len(holding) == 1, f"{server_id} is in {holding or 'no pod'}"
        return holding[0]

    def project_id(self, name: str = "alpha") -> str:
        found = self.cloud.keystone.find_project(name)
        assert found is not None
        return str(found.id)

    def refresh(self) -> None:
        """Refresh all pods, as the clock does each minute."""
        wiring.services().capacity_refresh.refresh_all()

    def refresh_only(self, name: str) -> None:
        """Refresh one pod, as an operator may."""
        wiring.services().capacity_refresh.refresh(self.pods[name].pod_id)

    def register(self, plan: DemoPod, **fields: Any) -> Pod:
        """Register a stand-in pod through the admin API."""
        body = {
            "pod_name": plan.name,
            "az_name": plan.az_name,
            "affinity_tags": dict(plan.affinity_tags),
            "credential_ref": "demo",
            **fields,
        }
        answer = self.call("POST", "/v1.0/pods", {"pod": body}, user="admin")
        assert answer.status == 200, answer.body
        pod = self.stores.pods.get(answer.body["pod"]["pod_id"])
        self.pods[plan.name] = pod
        return pod


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """Two pods in az1 and one in az2, registered and refreshed once."""
    with registered() as served:
        served.refresh()
        yield served


@pytest.fixture(scope="module")
def served() -> Iterator[Gateway]:
    """The same gateway for all tests of a module, which leave nothing behind that the next one minds.

    A module uses it or ``gateway``, never both, since the app has one set of services at a time.
    """
    with registered() as one:
        one.refresh()
        yield one


@pytest.fixture(scope="module")
def strict_pods() -> Iterator[None]:
    """Pods that refuse a body of another form, as Nova's schemas do; a stand-in reads what it needs."""
    serve = StandIn.serve

    def strictly(pod: StandIn, request: Request) -> Reply:
        try:
            if request.body:
                read_json(request.body)  # Nova's schemas bound all numbers
            return serve(pod, request)
        except (AttributeError, KeyError, TypeError, ValueError):
            return Reply(400, {"badRequest": {"code": 400, "message": "Invalid input"}})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StandIn, "serve", strictly)
        yield


def path_of(row: Row, prefix: str, segment: str) -> str:
    """A path that leads to a row, with one text in place of every variable."""
    return prefix + "/".join(segment if part.startswith("{") else part for part in row.path.split("/"))


@contextmanager
def registered(plans: Sequence[DemoPod] = demo.PODS[:3], **chosen_settings: Any) -> Iterator[Gateway]:
    """The same pods before their first refresh, or others."""
    with DemoCloud(plans, build_seconds=0.0, action_seconds=0.0) as cloud:
        credential = {
            "auth_url": cloud.auth_url,
            "username": "trio2o",
            "password": "trio2o-pass",
            "project_name": "service",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        chosen = replace(
            Settings(),
            auth_url=cloud.auth_url,
            public_url=BASE,
            allow_http=True,
            roster_cache_seconds=0.0,
            list_timeout_seconds=3.0,
            connect_timeout_seconds=1.0,
            # Tests ask thousands of times in a minute, and count what a request does besides.
            requests_per_minute=0,
            creates_per_minute=0,
            refused_creates_per_minute=0,
            quota_instances=1000,
            quota_cores=4000,
            quota_ram=8_000_000,
            environment={"TRIO2O_CREDENTIAL_DEMO": json.dumps(credential)},
        )
        chosen = replace(chosen, **chosen_settings)
        stores = wiring.in_memory(chosen)
        wiring.use(wiring.build_services(stores, chosen), chosen)
        try:
            with Client(app) as http:
                served = Gateway(cloud, stores, http)
                for plan in plans:
                    served.register(plan)
                yield served
        finally:
            wiring.use(None)
