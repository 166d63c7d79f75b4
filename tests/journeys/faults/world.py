"""A gateway of which every service that it needs can be let fail: Keystone, DynamoDB, SQS, a pod's Nova."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urlsplit

from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.adapters.dynamodb.schema import create_tables
from chalicelib.settings import Settings
from local import demo, queues
from local.standin.cloud import DemoCloud
from local.standin.hosts import HostSize
from tests.journeys.conftest import BASE, Gateway
from tests.journeys.faults.faulty import Faulty

ALONE = "Pod3"  # the only pod of its zone, and the one whose Nova may fail
_numbers = count(1)
ROOMY = HostSize(vcpus=500, ram_mb=1_000_000, disk_gb=10_000)
PLANS = [replace(plan, hosts=(ROOMY,)) for plan in demo.PODS[:3]]

# Long enough for what works on a busy machine; what fails slowly is waited for this long.
IN_A_HURRY = Settings(
    request_seconds=4.0,
    store_reserve_seconds=0.5,
    read_timeout_seconds=1.0,
    list_timeout_seconds=1.0,
    search_timeout_seconds=1.0,
    connect_timeout_seconds=1.0,
    roster_cache_seconds=0.0,
    token_cache_seconds=0,
    breaker_failures=10_000,  # a row's failures are no business of the next one's
    quota_instances=1000,
    quota_cores=4000,
    quota_ram=8_000_000,
    public_url=BASE,
    allow_http=True,
)


@dataclass
class World(Gateway):
    """The app on DynamoDB and SQS."""

    keystone: Faulty | None = None
    dynamodb: Faulty | None = None
    sqs: Faulty | None = None
    nova: Faulty | None = None

    @property
    def alone(self) -> str:
        """The zone in which only one pod is."""
        return self.pods[ALONE].az_name


@contextmanager
def a_world(embedded: str) -> Iterator[World]:
    """``embedded`` is the address of the embedded DynamoDB and SQS."""
    with ExitStack() as stack:
        cloud = stack.enter_context(DemoCloud(PLANS, build_seconds=0.0, action_seconds=0.0))

        def before(url: str) -> Faulty:
            service = Faulty(url)
            stack.callback(service.close)
            return service

        compute = cloud.pod(ALONE).endpoints["compute"]
        keystone, dynamodb, sqs, nova = map(before, (cloud.auth_url, embedded, embedded, compute))
        queue_url = queues.create(queues.client(embedded), f"faults{next(_numbers)}-jobs")
        credential = {
            "auth_url": cloud.auth_url,
            "username": "trio2o",
            "password": "trio2o-pass",
            "project_name": "service",
        }
        chosen = replace(
            IN_A_HURRY,
            auth_url=f"{keystone.url}/v3",
            dynamodb_url=dynamodb.url,
            job_queue_url=queue_url.replace(embedded, sqs.url),
            trusted_origins=nova.url,
            environment={"TRIO2O_CREDENTIAL_DEMO": json.dumps(credential)},
        )
        prefix = f"faults{next(_numbers)}"
        # Nothing fails while the world is made, and a busy machine may take its time for that.
        unhurried = Database(prefix, PatientConnection("us-east-1", embedded))
        create_tables(unhurried, collecting=False)
        made = wiring.in_deployment(unhurried, replace(chosen, dynamodb_url=embedded))
        wiring.use(wiring.build_services(made, chosen), chosen)
        stack.callback(wiring.use, None)
        patience = Patience(sleep=lambda seconds: None)
        connection = PatientConnection("us-east-1", dynamodb.url, patience, read_timeout_seconds=0.5)
        stores = wiring.in_deployment(Database(prefix, connection), chosen)
        http = stack.enter_context(Client(app))
        world = World(cloud, stores, http, {}, keystone, dynamodb, sqs, nova)
        for plan in PLANS:
            own = {"endpoints": {"compute": nova.url + urlsplit(compute).path}}
            world.register(plan, **(own if plan.name == ALONE else {}))
        world.refresh()
        wiring.use(wiring.build_services(stores, chosen), chosen)
        yield world
