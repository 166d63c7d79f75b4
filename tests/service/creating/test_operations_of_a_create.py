"""What a create costs in DynamoDB, counted at the client; docs/adr/0008 states these numbers."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from chalicelib.adapters.dynamodb.binding_store import DynamoBindingStore
from chalicelib.adapters.dynamodb.capacity_store import DynamoCapacityStore
from chalicelib.adapters.dynamodb.claim_store import DynamoClaimStore
from chalicelib.adapters.dynamodb.decision_store import DynamoDecisionStore
from chalicelib.adapters.dynamodb.location_store import DynamoLocationStore
from chalicelib.adapters.dynamodb.pod_store import DynamoPodStore
from chalicelib.adapters.dynamodb.profile_store import DynamoProfileStore
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.model.capacity import CapacityReport
from chalicelib.model.location import Location
from chalicelib.model.resources import Amounts
from chalicelib.service.creating.binding import Binder
from chalicelib.service.creating.profile_cache import ProfileCache
from chalicelib.service.observing.settling import Settling
from tests.builders import NOW, PROJECT, a_capacity, a_flavor, a_pod, a_spec


def now():
    return datetime.now(UTC)


class Create:
    """Creates on pods that are listed already, with the stores of a deployment."""

    def __init__(self, database):
        self.database = database
        self.pods, self.claims = DynamoPodStore(database), DynamoClaimStore(database)
        for pod_id in ("pod-a", "pod-b"):
            self.pods.create(a_pod(pod_id))
            report = CapacityReport(a_capacity(reported_at=now()), {"m1.small": a_flavor()})
            DynamoCapacityStore(database).save(pod_id, report)
            Settling(self.claims, self.pods).settle(self.pods.get(pod_id), report.capacity.reported_at)
        self.locations = DynamoLocationStore(database, now)
        self.decisions = 0
        self.binder = Binder(
            self.pods,
            DynamoBindingStore(database),
            DynamoProjectStore(database),
            # As a process has them: the profiles in force are kept for seconds, the pods in a snapshot.
            ProfileCache(DynamoProfileStore(database), now, cache_seconds=300.0),
            DynamoDecisionStore(database, now),
            clock=now,
            ids=self._id,
            claims=self.claims,
        )
        self.listed = self.pods.list()

    def __call__(self):
        placement = self.binder.bind(a_spec(requested_at=now()), self.listed)
        self.locations.remember(Location(f"server-{self.decisions}", PROJECT, placement.pod.pod_id, NOW))
        return placement

    def _id(self):
        self.decisions += 1
        return f"decision-{self.decisions}"


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
    "PutItem locations": 1,
}


def test_a_bound_and_warm_create_costs_one_read_the_claim_and_what_it_keeps(create, database):
    create()

    with operations(database) as counted:
        create()

    assert counted == BOUND


def test_a_first_create_costs_the_bindings_transaction_on_top(create, database):
    with operations(database) as counted:
        create()

    cold = {"Query profiles": 2}  # the zone's own and the default
    assert counted == {**BOUND, **cold, "GetItem bindings": 1, "TransactWriteItems several": 1}


def test_a_refused_claim_costs_one_update_on_top(create, database):
    full = create().pod.pod_id
    create.claims.claim(full, Amounts(vcpus=99), Amounts(), now())

    with operations(database) as counted:
        assert create().pod.pod_id != full

    assert counted == {**BOUND, "UpdateItem claims": 2, "TransactWriteItems several": 1}
