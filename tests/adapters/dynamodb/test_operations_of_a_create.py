"""What a create costs in DynamoDB, counted at the client; docs/adr/0008 states these numbers."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest

from chalicelib import wiring
from chalicelib.model.amounts import Amounts
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.deadline import NO_DEADLINE
from chalicelib.model.intent import KeptAnswer
from chalicelib.model.location import Location
from chalicelib.model.snapshot import snapshot_of
from chalicelib.settings import Settings
from tests.builders import NOW, PROJECT, a_capacity, a_claim, a_flavor, a_pod, a_spec
from tests.service.observing.small_nova import TENANT


class Create:
    """Creates on pods that are listed already, with the stores of a deployment."""

    def __init__(self, database):
        # As a process has them: the profiles in force are kept for a while, the pods in a snapshot.
        chosen = Settings(profile_cache_seconds=300.0)
        self.stores = replace(wiring.in_deployment(database, chosen), reader=self)
        services = wiring.build_services(self.stores, chosen)
        for pod_id in ("pod-a", "pod-b"):
            self.stores.pods.create(a_pod(pod_id))
        services.capacity_refresh.refresh_all()
        self.binder, self.intents = services.servers.attempts.binder, services.servers.intents
        self.listed = snapshot_of(self.stores.pods.list())

    def read(self, pod):
        return CapacityReport(a_capacity(reported_at=wiring.now()), {"m1.small": a_flavor()})

    def __call__(self):
        intent = self.intents.of(TENANT)
        chosen = self.binder.bind(a_spec(requested_at=wiring.now()), self.listed, intent=intent)
        server_id = f"server-of-{chosen.decision.decision_id}"
        made = Location(server_id, PROJECT, chosen.pod.pod_id, NOW)
        intent.done([made], KeptAnswer(202), NO_DEADLINE)
        return chosen


@pytest.fixture
def create(database):
    return Create(database)


@contextmanager
def operations(database):
    """Counts what is sent meanwhile: operation and table."""
    counted: Counter[str] = Counter()

    def note(params, model, **_):
        table = params.get("TableName", "several").removeprefix(f"{database.prefix}-")
        counted[f"{model.name} {table}"] += 1

    events = database.connection.client.meta.events
    events.register("before-parameter-build.dynamodb", note)
    yield counted
    events.unregister("before-parameter-build.dynamodb", note)


BOUND = {
    "Query bindings": 1,
    "UpdateItem claims": 1,
    "PutItem decisions": 1,
    "TransactWriteItems several": 2,  # the intent; its end, with the location
}


def test_a_bound_and_warm_create_costs_one_read_the_claim_its_intent_and_what_it_keeps(create, database):
    create()

    with operations(database) as counted:
        create()

    assert counted == BOUND


def test_a_first_create_writes_its_intent_in_the_bindings_transaction(create, database):
    with operations(database) as counted:
        create()

    cold = {"Query profiles": 2}  # the zone's own and the default
    assert counted == {**BOUND, **cold, "GetItem bindings": 1}


def test_a_refused_claim_costs_one_update_on_top(create, database):
    full = create().pod.pod_id
    create.stores.claims.claim(a_claim(full, Amounts(vcpus=99)), Amounts())

    with operations(database) as counted:
        assert create().pod.pod_id != full

    assert counted == {**BOUND, "UpdateItem claims": 2}
